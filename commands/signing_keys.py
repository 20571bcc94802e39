"""`tanhui rotate-signing-key`: a new key for signed statements, from now on."""

from rich.console import Console

from core import signing_keys

_console = Console()


def rotate_signing_key() -> None:
    """Make a new key that signs statements from now on; the keys before it stay, and keep proving what they signed.

    Every process takes it up with its next statement. Copy the folder `signing_keys` to every machine that answers
    under the same address, and back it up with the secret key.

    Example: tanhui rotate-signing-key
    """
    keys = signing_keys.rotate()
    _console.print(f"{keys.signing.kid} signs from now on; {len(keys.keys) - 1} before it stay.", highlight=False)
