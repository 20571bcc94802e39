"""Orders of label artwork."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from api.schemas import Gtin, Schema
from labels.artwork import Size
from labels.wording import Language

MOST = 500
"""Labels in one archive."""

Dpi = Annotated[int, Field(ge=100, le=1200, description="Dots to the inch of a PNG; thermal printers have 203.")]


class Form(StrEnum):
    """What a label is drawn as."""

    SVG = "svg"
    PNG = "png"


class ArtworkOrder(Schema):
    """Labels of many products, in one ZIP file."""

    gtins: list[Gtin] = Field(min_length=1, max_length=MOST)
    form: Form = Form.PNG
    language: Language = Language.CHINESE
    size: Size = Size.SMALL
    dpi: Annotated[int, Field(strict=True, ge=100, le=1200)] = 203
