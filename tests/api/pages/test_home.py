import pytest
from httpx import AsyncClient


@pytest.mark.parametrize("path", ["/", "/methodology", "/products", "/categories", "/factors"])
async def test_every_page_is_there_in_both_languages(client: AsyncClient, database: str, path: str) -> None:
    for language, tag in (("zh", "zh-CN"), ("en", "en")):
        response = await client.get(path, params={"lang": language})
        assert (response.status_code, f'<html lang="{tag}">' in response.text) == (200, True)
        assert f"{path}?lang={'en' if language == 'zh' else 'zh'}" in response.text
    assert (await client.head(path)).status_code == 200


async def test_pages_need_nothing_from_elsewhere_and_run_no_script(client: AsyncClient, database: str) -> None:
    response = await client.get("/")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script" not in policy
    assert "unsafe" not in policy
    assert "//" not in response.text.replace("http://www.w3.org", "")
