from httpx import AsyncClient

CODE = "7Q2MXB4T9KDH3WRE5N0C"


async def test_the_code_of_a_receipt_is_shown_in_both_languages_and_kept_nowhere(client: AsyncClient) -> None:
    for language, heading in (("zh", "认领这张小票"), ("en", "Claim this receipt")):
        response = await client.get(f"/r/{CODE.lower()}", params={"lang": language})
        assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-store")
        assert heading in response.text
        assert "7Q2MX-B4T9K-DH3WR-E5N0C" in response.text
        assert "noindex" in response.text


async def test_what_can_be_no_code_has_no_page(client: AsyncClient) -> None:
    assert (await client.get("/r/nonsense", headers={"Accept": "text/html"})).status_code == 404
