"""What a code says: for tills, apps and label printers that want to know before they scan in earnest."""

from typing import Final

from api.openapi import answers, example
from api.routing import router as new_router
from api.schemas.gtin import CodeElement, CodeToParse, ParsedCode
from labels.gtin import parse_code

router = new_router(tag="products")

_PARSED: Final = {
    "gtin": "09521234543213",
    "serial": "1234",
    "batch": None,
    "expires_on": None,
    "canonical_uri": "https://id.gs1.org/01/09521234543213/21/1234",
    "element_string": "(01)09521234543213(21)1234",
    "scope": "demo",
    "can_carry_label": True,
    "elements": [{"identifier": "01", "value": "09521234543213"}, {"identifier": "21", "value": "1234"}],
    "ignored": [],
}


@router.post(
    "/codes/parse",
    summary="Read a code",
    openapi_extra=example({"code": "https://shop.example/01/09521234543213/21/1234", "symbology": "]Q1"}),
    responses=answers(200, "What the code says.", _PARSED),
)
async def read_code(body: CodeToParse) -> ParsedCode:
    """Read a code as strictly as GS1's own engine; what is no valid code is refused with a stable `reason`."""
    code = parse_code(body.code, body.symbology)
    return ParsedCode(
        gtin=code.gtin,
        serial=code.serial,
        batch=code.batch,
        expires_on=code.expires_on,
        canonical_uri=code.canonical_uri,
        element_string=code.element_string,
        scope=code.scope,
        can_carry_label=code.can_carry_label,
        elements=[CodeElement(identifier=identifier, value=value) for identifier, value in code.elements],
        ignored=list(code.ignored),
    )
