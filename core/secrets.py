"""The installation's secret, and keys derived from it, one for each purpose, so that none can stand in for another."""

import hmac
import os
import secrets
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final

from core.settings import settings

_FILE_NAME: Final = "secret_key"
_MINIMUM_LENGTH: Final = 32
_OWNER_ONLY: Final = 0o600


class WeakSecretError(ValueError):
    """TANHUI_SECRET_KEY must have at least 32 characters: `openssl rand -hex 32` makes one."""


@cache
def derived_key(purpose: str) -> bytes:
    """Return 32 bytes for `purpose`: HMAC-SHA-256 over its name under the installation's secret.

    Raises:
        WeakSecretError: when the configured secret is too short.
    """
    return hmac.digest(_secret(), purpose.encode(), "sha256")


def _secret() -> bytes:
    configured = settings().secret_key
    secret = _kept(settings().data_dir / _FILE_NAME) if configured is None else configured.get_secret_value()
    if len(secret) < _MINIMUM_LENGTH:
        raise WeakSecretError(WeakSecretError.__doc__)
    return secret.encode()


def _kept(path: Path) -> str:
    """Return the secret kept in `path`, made by whoever comes first: processes that start at once agree on one."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{_FILE_NAME}.{os.getpid()}")
        fresh.touch(_OWNER_ONLY)
        fresh.write_text(secrets.token_hex(32), encoding="ascii")
        with suppress(FileExistsError):
            path.hardlink_to(fresh)
        fresh.unlink()
    return path.read_text(encoding="ascii").strip()
