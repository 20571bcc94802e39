"""Where this service is reached: the root of every address it writes into QR codes, linksets and redirections."""

import re
from typing import Final

from fastapi import Request

from api.errors import MalformedRequestError
from core.settings import settings

_HOST: Final = re.compile(
    r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_.\-]{0,251}[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?"
)


_OWN: Final = frozenset({"127.0.0.1", "localhost", "[::1]", "api.test"})
"""Names nobody else can answer to: this machine's own, and one that is reserved for tests (RFC 6761, 6.2)."""


def root_of(request: Request) -> str:
    """Return scheme and host, without a slash at the end: the setting's, else of this machine.

    What a request says it came to is believed only of this machine's own names: QR codes, statements and caches would
    carry any other one on to people who never sent it.

    Raises:
        MalformedRequestError: when nothing is set and the request names no sane host.
    """
    given = settings()
    if given.public_url is not None:
        return given.public_url
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        raise MalformedRequestError("The Host header names no host; send the one that this service is reached at.")
    if re.sub(r":\d+$", "", host).lower() in _OWN:
        return f"{request.url.scheme}://{host}"
    name = f"[{given.host}]" if ":" in given.host else given.host
    return f"http://{name}:{given.port}"
