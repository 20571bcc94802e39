"""Where this service is reached: the root of every address it writes into QR codes, linksets and redirections."""

import re
from typing import Final

from fastapi import Request

from api.errors import MalformedRequestError
from core.settings import settings

_HOST: Final = re.compile(
    r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_.\-]{0,251}[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?"
)


def root_of(request: Request) -> str:
    """Return scheme and host, without a slash at the end: the setting's, else those the request came to.

    Raises:
        MalformedRequestError: when nothing is set and the request names no sane host.
    """
    public = settings().public_url
    if public is not None:
        return public
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        raise MalformedRequestError("The Host header names no host; send the one that this service is reached at.")
    return f"{request.url.scheme}://{host}"
