"""Pictures of official marks, as certifiers send them."""

from base64 import b64decode
from binascii import Error
from typing import Annotated, Final

from pydantic import BeforeValidator, Field, WithJsonSchema

from api.principals import PartnerPrincipal
from api.schemas import Schema
from labels.certification.mark_assets import NewMark
from labels.certification.pictures import LARGEST_BYTES, MediaType

_LONGEST: Final = -(-LARGEST_BYTES // 3) * 4


def _decoded(value: object) -> bytes:
    """Read base64 strictly (RFC 4648, 4); what the longest picture has is the most that is read."""
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST:
        raise ValueError(f"send 1 to {_LONGEST:,} characters of base64: at most {LARGEST_BYTES // 1024} KiB of picture")
    try:
        return b64decode(value, validate=True)
    except (Error, ValueError) as error:
        raise ValueError("this is no base64: send it without blanks, line breaks or a data: prefix") from error


Picture = Annotated[
    bytes,
    BeforeValidator(_decoded),
    WithJsonSchema({"type": "string", "contentEncoding": "base64", "minLength": 1, "maxLength": _LONGEST}),
]


class NewMarkPicture(Schema):
    """The official picture of a certificate's mark, unaltered."""

    media_type: MediaType
    data: Picture = Field(
        description="The file, in base64. An SVG with scripts, references to elsewhere, foreign elements or a DOCTYPE "
        "is refused."
    )

    def for_certificate(self, number: str, certifier: PartnerPrincipal) -> NewMark:
        """Return what is to be kept."""
        return NewMark(number, certifier.organization_id, certifier.label, self.media_type, self.data)
