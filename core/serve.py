"""Serves an ASGI application from one process. Several share a port: the kernel deals connections out among them.

Run as `python -m core.serve APPLICATION HOST PORT`, with the application as uvicorn names it: `module:attribute`.
"""

import errno
import socket
import sys
from typing import Final

import uvicorn

from core.errors import OperatorError

_GRACE_SECONDS: Final = 15
_ARGUMENTS: Final = 3


class AddressError(OperatorError):
    """The API can not listen where it is told to."""


def require_free(host: str, port: int) -> None:
    """Make sure that nobody listens on `host` and `port`. Our own processes share a port, so they would not notice.

    Raises:
        AddressError: somebody does, or it can not be listened on.
    """
    with _bound(host, port, shared=False):
        pass


def _bound(host: str, port: int, *, shared: bool) -> socket.socket:
    """Return a socket on `host` and `port`.

    Raises:
        AddressError: it can not be had; the message names the setting to change.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        raise AddressError(f"TANHUI_HOST is {host!r}, which is no address: {error.strerror}.") from error
    bound = socket.socket(family, kind, protocol)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        bound.bind(address)
    except OSError as error:
        bound.close()
        raise AddressError(_explain(error, host, port)) from error
    return bound


def _explain(error: OSError, host: str, port: int) -> str:
    """Return what is wrong with `host` and `port`, and the setting that puts it right."""
    match error.errno:
        case errno.EADDRINUSE:
            return f"Port {port} on {host} is taken. Set TANHUI_PORT to a free one, or stop what listens there."
        case errno.EACCES:
            return f"Port {port} is not for this account. Set TANHUI_PORT to one above 1023."
        case errno.EADDRNOTAVAIL:
            return f"TANHUI_HOST is {host!r}, which is no address of this machine."
        case _:
            return f"{host}:{port} can not be listened on ({error.strerror}). See TANHUI_HOST and TANHUI_PORT."


def main(arguments: list[str]) -> None:
    """Serve until told to stop, then finish the requests being answered."""
    if len(arguments) != _ARGUMENTS:
        sys.exit(__doc__)
    application, host, port = arguments
    config = uvicorn.Config(
        application,
        log_config=None,  # the application has one stream of log lines for everything: core/logging.py
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[_bound(host, int(port), shared=True)])


if __name__ == "__main__":
    main(sys.argv[1:])
