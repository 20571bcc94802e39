"""Whose word is taken for the address that goes into redirections, linksets and codes."""

from collections.abc import Iterator

import pytest
from httpx import AsyncClient, Response

from core import db
from core.settings import settings
from tests.factories.labels import Labelled, make_labelled


@pytest.fixture
async def product(database: str) -> Labelled:
    async with db.transaction() as session:
        return await make_labelled(session)


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The service is reached at an address of its own."""
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TANHUI_PUBLIC_URL", "https://id.example.org")
        settings.cache_clear()
        yield
    settings.cache_clear()


async def ask(client: AsyncClient, path: str, *, host: str = "api.test") -> Response:
    return await client.get(path, headers={"host": host})


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize("path", ["/01/{gtin}", "/01/{gtin}?linkType=linkset", "/01/{gtin}?linkType=gs1:none"])
async def test_nobody_is_sent_to_a_host_of_a_strangers_choice(
    client: AsyncClient, product: Labelled, path: str
) -> None:
    answer = await ask(client, path.format(gtin=product.gtin), host="evil.example")
    assert "evil.example" not in answer.text + str(answer.headers)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8000", "10.0.0.1"])
async def test_without_a_public_address_no_strangers_host_is_believed(
    client: AsyncClient, product: Labelled, host: str
) -> None:
    answer = await ask(client, f"/01/{product.gtin}", host=host)
    assert host not in str(answer.headers)
    own = f"http://{settings().host}:{settings().port}/"
    assert answer.headers["location"].startswith(own)
    assert answer.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize("host", ["127.0.0.1:8123", "localhost", "LOCALHOST:80", "[::1]", "[::1]:8123"])
async def test_this_machines_own_names_are_believed(client: AsyncClient, product: Labelled, host: str) -> None:
    answer = await ask(client, f"/01/{product.gtin}", host=host)
    assert answer.headers["location"].startswith(f"http://{host}/")


@pytest.mark.usefixtures("published")
async def test_redirections_to_the_public_address_may_be_cached(client: AsyncClient, product: Labelled) -> None:
    answer = await ask(client, f"/01/{product.gtin}")
    assert answer.headers["location"].startswith("https://id.example.org/")
    assert "cache-control" not in answer.headers


async def test_a_host_that_is_none_is_refused(client: AsyncClient, product: Labelled) -> None:
    answer = await ask(client, f"/01/{product.gtin}", host='evil.example"><script>')
    assert answer.status_code == 400
