"""The secret that serials of label units are made under."""

from core.secrets import derived_key


def unit_secret() -> bytes:
    """Return it; it is this installation's own and serves nothing else."""
    return derived_key("unit labels")
