"""A product as the registry keeps it, checked by itself: its key, both names, and everything else as a plain row. Pure.

Whole catalogues pass through here, a row at a time, so the usual row is recognised by a few cheap questions; only one
that fails them is looked at field by field for what to say about it.
"""

from typing import Final, NamedTuple
from uuid import UUID

from labels.errors import InvalidCodeError
from labels.gtin import labelled_key
from labels.quantities import LARGEST
from labels.registrations import LONGEST_TEXT, NewProduct, Rejected, number_fault, text_fault, texts_fault


class ProductRow(NamedTuple):
    """The columns of a product that somebody gives, in the order they are written."""

    gtin: str
    name_zh: str
    name_en: str
    brand: str
    maker_id: UUID | None
    category_id: str | None
    pack: str
    net_content_micro: int | None
    source: str
    registered_by_id: UUID | None
    model: str = ""


COMPARED: Final = ("name_zh", "name_en", "brand", "maker_id", "category_id", "pack", "net_content_micro", "model")
"""What makes two rows of one product different: not who sent them, nor where from."""


def compared(row: ProductRow) -> tuple[object, ...]:
    """Return the values of COMPARED."""
    return (*row[1:8], row.model)


def product_row(given: NewProduct) -> ProductRow | Rejected:
    """Return a product as it is kept, or what is wrong with it."""
    return sound_row(
        given.gtin,
        given.name_zh,
        given.name_en,
        given.brand,
        given.maker_id,
        given.category_id,
        given.pack,
        given.net_content_micro,
        given.source,
        given.registered_by_id,
        given.model,
    )


def sound_row(
    code: str,
    name_zh: str,
    name_en: str,
    brand: str,
    maker_id: UUID | None,
    category_id: str | None,
    pack: str,
    net_content_micro: int | None,
    source: str,
    registered_by_id: UUID | None,
    model: str = "",
) -> ProductRow | Rejected:
    """Return a product under its 14-digit key with both names filled in, or what is wrong with it."""
    try:
        gtin = labelled_key(code)
    except InvalidCodeError as error:
        return Rejected("gtin", str(error))
    zh, en = name_zh.strip(), name_en.strip()
    row = ProductRow(
        gtin,
        zh or en,
        en or zh,
        brand,
        maker_id,
        category_id,
        pack,
        net_content_micro,
        source,
        registered_by_id,
        model,
    )
    return row if plainly_sound(row) else _fault(row) or row


def plainly_sound(row: ProductRow) -> bool:
    """Say whether nothing can be wrong with a row's texts and content, all of them together."""
    texts = f"{row.name_zh}{row.name_en}{row.brand}{row.pack}{row.source}{row.model}"
    content = row.net_content_micro
    return (
        len(texts) <= LONGEST_TEXT
        and "\0" not in texts
        and row.name_zh != ""
        and (content is None or 1 <= content <= LARGEST)
    )


def _fault(row: ProductRow) -> Rejected | None:
    return (
        text_fault("name_zh", row.name_zh)
        or texts_fault(("name_en", row.name_en), ("brand", row.brand), ("pack", row.pack), required=False)
        or texts_fault(("model", row.model), ("source", row.source), required=False)
        or number_fault("net_content_micro", row.net_content_micro, least=1)
    )
