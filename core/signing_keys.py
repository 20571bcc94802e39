"""Ed25519 keys that sign what others check without asking us: one signs, those before it still prove what they signed.

They lie in the data folder, one file each, numbered in the order they were made; the last one signs. Several machines
that answer under one address need the same files. A file removed takes its key out of the published set: whatever it
signed can no longer be checked.
"""

import json
import secrets
import warnings
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import OKPKey

from core.errors import OperatorError
from core.settings import settings

ALGORITHM: Final = "EdDSA"
"""As most libraries know it; RFC 9864 has a newer name, Ed25519, for the same signature."""

# The library warns of the older name at every signature; that choice is made above.
warnings.filterwarnings("ignore", message="EdDSA is deprecated", category=SecurityWarning)

_FOLDER: Final = "signing_keys"
_OWNER_ONLY: Final = 0o600


class SigningKeyError(OperatorError):
    """A signing key in the data folder can not be read."""


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """The keys there are, the signing one last."""

    keys: tuple[OKPKey, ...]

    @property
    def signing(self) -> OKPKey:
        """Return the key that signs."""
        return self.keys[-1]

    def signed(self, claims: Mapping[str, object], *, kind: str) -> str:
        """Return `claims` as a compact JWS (RFC 7515) whose header names its key and `kind` as its type."""
        header = {"alg": ALGORITHM, "typ": kind, "kid": str(self.signing.kid)}
        payload = json.dumps(claims, ensure_ascii=False, separators=(",", ":")).encode()
        return jws.serialize_compact(header, payload, self.signing, algorithms=[ALGORITHM])

    @property
    def mark(self) -> int:
        """Return the first byte of the signing key's thumbprint, by which a short message names it."""
        return _mark(self.signing)

    def signature(self, message: bytes) -> bytes:
        """Return the 64 bytes of a bare signature (RFC 8032), for messages with no room for a JWS.

        `message` must begin so that no JWS could: these keys sign both.
        """
        return bytes(_algorithm().sign(message, self.signing))

    def proves(self, mark: int, message: bytes, signature: bytes) -> bool:
        """Tell whether a bare signature is right under a key with this mark; two keys may share one."""
        return any(_algorithm().verify(message, signature, key) for key in self.keys if _mark(key) == mark)

    def published(self) -> list[Mapping[str, Any]]:
        """Return the public halves as JSON Web Keys (RFC 7517, RFC 8037), the signing one first."""
        return [dict(key.as_dict(private=False)) for key in reversed(self.keys)]


def _mark(key: OKPKey) -> int:
    return urlsafe_b64decode(f"{key.kid}=")[0]


@cache
def _algorithm() -> Any:  # noqa: ANN401 - the library does not publish what its algorithms are
    return jws.JWSRegistry(algorithms=[ALGORITHM]).get_alg(ALGORITHM)


def signing_keys() -> SigningKeys:
    """Return the keys, with a first one made by whoever comes first.

    They are read each time: a new key signs in every process from the moment it is there.

    Raises:
        SigningKeyError: when a file is no such key.
    """
    folder = settings().data_dir / _FOLDER
    if not _files(folder):
        _make(folder, 1)
    return SigningKeys(tuple(_read(path) for path in _files(folder)))


def rotate() -> SigningKeys:
    """Make a new key, which signs from now on, and return all of them."""
    folder = settings().data_dir / _FOLDER
    files = _files(folder)
    _make(folder, int(files[-1].stem) + 1 if files else 1)
    return signing_keys()


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.json") if path.stem.isdecimal())


def _make(folder: Path, number: int) -> None:
    """Write a fresh key under a number, unless somebody else has just done so."""
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / f"{number:04d}.{secrets.token_hex(8)}"
    made.touch(_OWNER_ONLY)
    made.write_text(json.dumps(OKPKey.generate_key("Ed25519").as_dict(private=True)), encoding="ascii")
    with suppress(FileExistsError):
        (folder / f"{number:04d}.json").hardlink_to(made)
    made.unlink()


def _read(path: Path) -> OKPKey:
    """Return the key in a file, named by its thumbprint (RFC 7638)."""
    try:
        values = json.loads(path.read_text(encoding="ascii"))
        thumbprint = OKPKey.import_key(values).thumbprint()
        return OKPKey.import_key(values | {"kid": thumbprint, "use": "sig", "alg": ALGORITHM})
    except (OSError, ValueError, TypeError, JoseError) as error:
        raise SigningKeyError(f"{path} is no signing key ({error}); put the right file back, or remove it.") from error
