"""What a code says."""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas import Code as CodeText
from api.schemas import Schema
from labels.gs1.keys import Scope


class CodeToParse(Schema):
    """What the scanner saw."""

    code: CodeText = Field(description="Digits, a GS1 element string, or a GS1 Digital Link of any host.")
    symbology: Annotated[str, StringConstraints(pattern=r"^\][A-Za-z][0-9A-Za-z]$")] | None = Field(
        None, description="The scanner's symbology identifier (ISO/IEC 15424), such as `]Q3`."
    )


class CodeElement(Schema):
    """One GS1 application identifier with its value."""

    identifier: str
    value: str


class ParsedCode(Schema):
    """A valid code, read as the GS1 General Specifications and the GS1 Digital Link standard have it."""

    gtin: str | None = Field(description="The key of 14 digits; null for a code that names no product.")
    serial: str | None
    batch: str | None
    expires_on: date | None
    canonical_uri: str | None = Field(description="Its GS1 Digital Link on https://id.gs1.org.")
    element_string: str | None
    scope: Scope = Field(description="Whose range it is in: only `global` and `demo` can carry a label.")
    can_carry_label: bool
    elements: list[CodeElement]
    ignored: list[str] = Field(description="Query parameters of the URI that are not GS1's.")
