"""A product as linked data: the GS1 Web Vocabulary, and schema.org for what that has no word for."""

from collections.abc import Sequence
from typing import Any, Final

import orjson
from markupsafe import Markup

from api.pages.marks import Mark
from labels.certificates import Status
from labels.savings import FootprintFact
from labels.tables import Product

_CONTEXT: Final = {
    "gs1": "https://ref.gs1.org/voc/",
    "schema": "https://schema.org/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_MILLIGRAMS_PER_KILOGRAM: Final = 1_000_000


def document(product: Product, marks: Sequence[Mark], footprint: FootprintFact | None, uri: str) -> dict[str, Any]:
    """Return a product with its certificates and its footprint as JSON-LD."""
    names = [("zh", product.name_zh), ("en", product.name_en)]
    thing: dict[str, Any] = {
        "@context": _CONTEXT,
        "@id": uri,
        "@type": ["gs1:Product", "schema:Product"],
        "gs1:gtin": product.gtin,
        "gs1:productName": [{"@language": language, "@value": name} for language, name in names if name],
        "gs1:certification": [_certification(mark) for mark in marks],
    }
    if product.brand:
        thing["gs1:brand"] = {"@type": "gs1:Brand", "gs1:brandName": product.brand}
    if footprint is not None:
        thing["schema:additionalProperty"] = _footprint(footprint)
    return thing


def script(thing: dict[str, Any]) -> Markup:
    """Return linked data to stand in a page's data block; `<` is escaped, so nothing in it can end the block."""
    return Markup(orjson.dumps(thing).decode().replace("<", "\\u003c"))  # noqa: S704 - JSON without `<` in a data block


def _certification(mark: Mark) -> dict[str, Any]:
    active = mark.status is Status.VALID
    return {
        "@type": "gs1:CertificationDetails",
        "gs1:certificationIdentification": mark.history.number,
        "gs1:certificationStandard": mark.history.scheme.name_en,
        "gs1:certificationAgency": mark.certifier.name_en or mark.certifier.name_zh,
        "gs1:certificationStartDate": {"@type": "xsd:date", "@value": mark.history.valid_from.isoformat()},
        "gs1:certificationEndDate": {"@type": "xsd:date", "@value": mark.last_day.isoformat()},
        "schema:certificationStatus": {"@id": f"schema:Certification{'Active' if active else 'Inactive'}"},
    }


def _footprint(footprint: FootprintFact) -> dict[str, Any]:
    value = footprint.milligrams_per_unit
    whole, rest = divmod(value, _MILLIGRAMS_PER_KILOGRAM)
    return {
        "@type": "schema:PropertyValue",
        "schema:name": "product carbon footprint",
        "schema:value": {"@type": "xsd:decimal", "@value": f"{whole}.{rest:06d}"},
        "schema:unitText": f"kg CO2e per {footprint.functional_unit}",
        "schema:measurementTechnique": f"{footprint.standard}, {footprint.boundary}, {footprint.region}",
    }
