"""A signed statement is checked with nothing but the published keys, and what was changed in it is not believed."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from httpx import AsyncClient
from joserfc import jwt
from joserfc.jwk import KeySet

from core import clock, signing_keys
from core.settings import settings
from tests.factories.labels import Labelled


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder of this test's own, so that its keys are its own."""
    monkeypatch.setenv("TANHUI_DATA_DIR", str(tmp_path))
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def checked(statement: str, keys: list[dict[str, str]]) -> dict[str, object]:
    """Check a statement as anybody can, knowing RFC 7515 and 8037 and nothing of the library that made it."""
    header, payload, signature = statement.split(".")
    named = json.loads(decoded(header))
    assert (named["alg"], named["typ"]) == ("EdDSA", "certificate-status+jwt")
    (key,) = [each for each in keys if each["kid"] == named["kid"]]
    public = Ed25519PublicKey.from_public_bytes(decoded(key["x"]))
    public.verify(decoded(signature), f"{header}.{payload}".encode())
    claims: dict[str, object] = json.loads(decoded(payload))
    return claims


async def test_a_statement_is_checked_offline(client: AsyncClient, labelled: Labelled, folder: Path) -> None:
    response = await client.get(f"/v1/certificates/{labelled.certificate_number}/statement?on=2026-05-01")
    assert (response.status_code, response.headers["content-type"]) == (200, "application/jwt")
    keys = (await client.get("/.well-known/jwks.json")).json()
    claims = checked(response.text, keys["keys"])
    stated = {name: claims[name] for name in ("iss", "sub", "status", "as_of", "gtin", "valid_until")}
    assert stated == {
        "iss": "http://api.test",
        "sub": labelled.certificate_number,
        "status": "valid",
        "as_of": "2026-05-01",
        "gtin": labelled.gtin,
        "valid_until": "2099-01-01",
    }
    assert int(str(claims["exp"])) - int(str(claims["iat"])) == 24 * 3600
    assert abs(int(str(claims["iat"])) - clock.now().timestamp()) < 60
    assert jwt.decode(response.text, KeySet.import_key_set(keys), algorithms=["EdDSA"]).claims == claims
    assert "d" not in keys["keys"][0]


async def test_a_changed_statement_is_not_believed(client: AsyncClient, labelled: Labelled, folder: Path) -> None:
    statement = (await client.get(f"/v1/certificates/{labelled.certificate_number}/statement?on=1999-01-01")).text
    keys = (await client.get("/.well-known/jwks.json")).json()["keys"]
    assert checked(statement, keys)["status"] == "not_issued"
    header, payload, signature = statement.split(".")
    better = decoded(payload).replace(b'"not_issued"', b'"valid"')
    forged = f"{header}.{base64.urlsafe_b64encode(better).rstrip(b'=').decode()}.{signature}"
    with pytest.raises(InvalidSignature):
        checked(forged, keys)


async def test_after_a_rotation_the_new_key_signs_and_old_statements_still_check(
    client: AsyncClient, labelled: Labelled, folder: Path
) -> None:
    path = f"/v1/certificates/{labelled.certificate_number}/statement"
    before = (await client.get(path)).text
    signing_keys.rotate()
    after = (await client.get(path)).text
    keys = (await client.get("/.well-known/jwks.json")).json()["keys"]
    used = [json.loads(decoded(each.split(".")[0]))["kid"] for each in (after, before)]
    assert [each["kid"] for each in keys] == used
    assert used[0] != used[1]
    assert checked(before, keys)["sub"] == checked(after, keys)["sub"]


async def test_there_is_no_statement_of_what_is_not_known(client: AsyncClient, database: str) -> None:
    assert (await client.get("/v1/certificates/none/statement")).status_code == 404
