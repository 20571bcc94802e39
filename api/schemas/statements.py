"""The keys that signed statements are checked with."""

from typing import Literal

from pydantic import Field

from api.schemas import Schema


class SigningKey(Schema):
    """The public half of an Ed25519 key as a JSON Web Key (RFC 8037)."""

    kty: Literal["OKP"]
    crv: Literal["Ed25519"]
    x: str = Field(description="The key, 32 bytes in base64url.")
    kid: str = Field(description="Its thumbprint (RFC 7638); the header of a statement names it.")
    use: Literal["sig"]
    alg: Literal["EdDSA"]


class KeySet(Schema):
    """A JSON Web Key Set (RFC 7517)."""

    keys: list[SigningKey]
