"""A code that a resident scanned."""

from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas import Code, Moment, Schema


class NewScan(Schema):
    """What the scanner saw, unchanged."""

    code: Code = Field(description="GTIN digits, a GS1 element string, or a GS1 Digital Link.")
    symbology: Annotated[str, StringConstraints(pattern=r"^\][A-Za-z][0-9A-Za-z]$")] | None = Field(
        None, description="The scanner's symbology identifier (ISO/IEC 15424), such as `]E0`."
    )
    scanned_at: Moment | None = Field(None, description="When it was scanned, if the phone was offline; else now.")
