"""How a one-time code reaches a resident: a port, with one way for development built in."""

from typing import Protocol

import structlog

from core.errors import OperatorError
from core.settings import settings

_log = structlog.get_logger("api.delivery")


class CodeDelivery(Protocol):
    """Something that can bring a code to a contact."""

    async def deliver(self, contact: str, code: str) -> None:
        """Send `code` to a normalized phone number or e-mail address."""


class ConsoleDelivery:
    """Writes codes to the log, for a machine where operator and resident are the same person."""

    async def deliver(self, contact: str, code: str) -> None:
        """Log the code."""
        _log.info("one-time code", contact=contact, code=code)


class NoDelivery:
    """Sends nothing: nobody can join or come back until a delivery is set up."""

    async def deliver(self, contact: str, code: str) -> None:
        """Log that a code was asked for, but neither the code nor for whom."""
        del contact, code
        _log.warning("a one-time code was asked for, and TANHUI_CODE_DELIVERY is none")


def require_decided() -> None:
    """Make sure that an operator with a database of their own has said how codes are delivered.

    Codes in the log let everybody who reads it sign in as any resident: nobody must come to that by leaving it out.

    Raises:
        OperatorError: TANHUI_DATABASE_URL is set, and TANHUI_CODE_DELIVERY is not.
    """
    if settings().database_url is not None and settings().code_delivery is None:
        raise OperatorError(
            "With TANHUI_DATABASE_URL set, TANHUI_CODE_DELIVERY has to be set too: none sends no one-time codes, "
            "console writes them to the log, where whoever reads it can sign in as any resident."
        )


def delivery() -> CodeDelivery:
    """Return the delivery that TANHUI_CODE_DELIVERY names."""
    return ConsoleDelivery() if settings().code_delivery == "console" else NoDelivery()
