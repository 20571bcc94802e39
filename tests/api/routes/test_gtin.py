import pytest
from httpx import AsyncClient


async def test_a_digital_link_of_any_host_is_read(client: AsyncClient) -> None:
    link = "https://shop.example/some/stem/01/09521234543213/10/L7/21/1234?17=271231&lang=zh"
    response = await client.post("/v1/codes/parse", json={"code": link})
    assert response.status_code == 200, response.text
    code = response.json()
    assert (code["gtin"], code["batch"], code["serial"]) == ("09521234543213", "L7", "1234")
    assert (code["expires_on"], code["ignored"]) == ("2027-12-31", ["lang=zh"])
    assert (code["scope"], code["can_carry_label"]) == ("demo", True)
    assert code["canonical_uri"].startswith("https://id.gs1.org/01/09521234543213/10/L7/21/1234")
    again = await client.post("/v1/codes/parse", json={"code": code["canonical_uri"]})
    assert again.json()["elements"] == code["elements"]


@pytest.mark.parametrize(
    ("code", "symbology", "gtin"),
    [("6901234567892", None, "06901234567892"), ("]Q3010952123454321321A", None, "09521234543213"),
     ("010952123454321310L7", "]C1", "09521234543213"), ("2000000000008", None, "02000000000008")],
)  # fmt: skip
async def test_what_scanners_send_is_read(client: AsyncClient, code: str, symbology: str | None, gtin: str) -> None:
    response = await client.post("/v1/codes/parse", json={"code": code, "symbology": symbology})
    assert response.json()["gtin"] == gtin, response.text
    assert response.json()["can_carry_label"] is not gtin.startswith("02")


@pytest.mark.parametrize(
    "code", ["6901234567891", "６９０１２３４５６７８９２", "690123456789 2", "hello", "https://a.example/01/6901"]
)
async def test_what_is_no_code_is_refused_with_a_stable_reason(client: AsyncClient, code: str) -> None:
    response = await client.post("/v1/codes/parse", json={"code": code})
    problem = response.json()
    assert (response.status_code, problem["type"]) == (422, "/problems/invalid-code")
    assert problem["reason"].replace("_", "").isalpha()
    assert problem["detail"]
