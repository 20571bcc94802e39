"""The keys with which reports of sales are read, at every door through which sales come."""

from core.secrets import derived_key
from core.signing_keys import signing_keys
from points.residents.member_codes import Proves
from points.residents.recognition import TillKeys


def till_keys() -> TillKeys:
    """Return the keys of this installation.

    Raises:
        WeakSecretError: when the configured secret is too short.
    """
    return TillKeys(
        claims=derived_key("receipt claims"),
        members=derived_key("member codes"),
        numbers=derived_key("loyalty numbers"),
        units=derived_key("unit labels"),
        proves=_proves,
    )


def _proves() -> Proves:
    return signing_keys().proves
