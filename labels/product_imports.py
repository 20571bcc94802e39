"""From a row of somebody's table to a product, or every reason why it is none. Pure.

Column names are those of the table; of several names for one thing the first that holds something counts, so that the
extracts of common sources can be taken as they are. Where each thing stands is worked out once, from the header:
catalogues have hundreds of thousands of rows.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final
from uuid import UUID

from labels.gs1.keys import GTIN_LENGTH
from labels.gtin import bare_key
from labels.product_rows import ProductRow, plainly_sound, sound_row
from labels.quantities import micro_units
from labels.registrations import NewProduct, Rejected

Row = Mapping[str, str]
Cells = Sequence[str]
Given = tuple[str, str, str, str, UUID | None, str | None, str, int | None, str, UUID | None]

_ALIASES: Final = {
    "gtin": ("gtin", "gtin14", "code"),
    "name": ("name", "name_or_brand"),
    "brand": ("brand", "brand_owner"),
    "pack": ("pack", "spec", "package_weight"),
}
_CHINESE: Final = re.compile("[\u3400-\u9fff]")

PRODUCT_COLUMNS: Final = {
    "gtin": "the number as scanned: 8, 12, 13 or 14 digits (also: gtin14, code)",
    "name_zh, name_en": "its names; or name alone, which is taken for the language it is in",
    "brand": "optional (else: brand_owner)",
    "category_id": "optional: a registered category",
    "category": "optional: the source's own word, taken as listed in --categories",
    "pack": "optional: the pack size as printed, such as 500ml or 33克*30 (also: spec, package_weight)",
    "net_content": "optional: functional units in one pack; without it read from the pack size where that is clear",
    "source": "optional: where the row comes from; else the file's name",
}


def names_of(name: str) -> tuple[str, ...]:
    """Return the columns a thing may stand in, the best first."""
    return _ALIASES.get(name, (name,))


def cell(row: Row, name: str) -> str:
    """Return what a row holds under a name or one of its other names, without space around it."""
    return next((value for each in names_of(name) if (value := (row.get(each) or "").strip())), "")


class ProductReader:
    """Reads the rows of one table of products; `categories` leads from the source's own words to registered ones."""

    def __init__(
        self,
        header: Sequence[str],
        *,
        source: str,
        categories: Mapping[str, str] | None = None,
        registered_by_id: UUID | None = None,
    ) -> None:
        """Take the table's header, and what is the same for all of its rows."""
        self._source, self._categories, self._registered_by_id = source, categories or {}, registered_by_id
        self._gtins, (self._padded,) = _places(header, "gtin"), _places(header, "gtin14")
        (self._name, self._name_too), self._brands = _places(header, "name"), _places(header, "brand")
        (self._name_zh,), (self._name_en,) = _places(header, "name_zh"), _places(header, "name_en")
        (self._category_id,), (self._category,) = _places(header, "category_id"), _places(header, "category")
        (self._content,), (self._from,) = _places(header, "net_content"), _places(header, "source")
        self._packs = _places(header, "pack")

    def __call__(self, cells: Cells) -> ProductRow | list[Rejected]:
        """Return the product a row names, checked by itself, or what is wrong with it."""
        texts = [cell.strip() for cell in cells]
        texts.append("")  # where the columns are that this table does not have
        usual = self._usual(texts)
        if usual is not None:
            return usual
        given = self._given(texts)
        if isinstance(given, list):
            return given
        row = sound_row(*given)
        return [row] if isinstance(row, Rejected) else row

    def given(self, cells: Cells) -> Given | list[Rejected]:
        """Return a row's cells in the order of `NewProduct`, not checked yet, or what can not be read."""
        return self._given([*(cell.strip() for cell in cells), ""])

    def _usual(self, texts: Cells) -> ProductRow | None:
        """Return the product of a row of bare digits and one name, of which catalogues are made; None for others.

        It is what `sound_row` makes of it, found with fewer questions; a test compares the two.
        """
        first, second, third = self._gtins
        key = bare_key(texts[first] or texts[second] or texts[third])
        name, padded = texts[self._name] or texts[self._name_too], texts[self._padded]
        if key is None or not name or texts[self._name_zh] or texts[self._name_en] or texts[self._content]:
            return None
        (brand, owner), (pack, spec, weight) = self._brands, self._packs
        row = ProductRow(
            key,
            name,
            name,
            texts[brand] or texts[owner],
            None,
            texts[self._category_id] or self._categories.get(texts[self._category]) or None,
            texts[pack] or texts[spec] or texts[weight],
            None,
            texts[self._from] or self._source,
            self._registered_by_id,
        )
        return row if padded in {"", key} and plainly_sound(row) else None

    def _given(self, texts: Cells) -> Given | list[Rejected]:
        first, second, third = self._gtins
        gtin, padded = texts[first] or texts[second] or texts[third], texts[self._padded]
        name, name_zh, name_en = texts[self._name] or texts[self._name_too], texts[self._name_zh], texts[self._name_en]
        if name and not (name_zh and name_en):
            if not name.isascii() and _CHINESE.search(name):
                name_zh = name_zh or name
            else:
                name_en = name_en or name
        written = texts[self._content]
        if not gtin or not (name_zh or name_en) or written or (padded and padded != gtin.zfill(GTIN_LENGTH)):
            return self._looked_at(texts, gtin, padded, name_zh, name_en)
        return self._row(texts, gtin, name_zh, name_en, None)

    def _looked_at(self, texts: Cells, gtin: str, padded: str, name_zh: str, name_en: str) -> Given | list[Rejected]:
        """Return the cells of a row that is not the usual one, or every reason why it names none."""
        faults: list[Rejected] = []
        if not gtin:
            faults.append(Rejected("gtin", "must not be empty."))
        elif padded and padded != gtin.zfill(GTIN_LENGTH):
            faults.append(Rejected("gtin", f"is another number than gtin14, {padded[:40]}."))
        content = _content(texts[self._content], faults)
        if not name_zh and not name_en:
            faults.append(Rejected("name", "must not be empty; name_zh or name_en will do as well."))
        return faults or self._row(texts, gtin, name_zh, name_en, content)

    def _row(self, texts: Cells, gtin: str, name_zh: str, name_en: str, content: int | None) -> Given:
        (brand, owner), (pack, spec, weight) = self._brands, self._packs
        return (
            gtin,
            name_zh,
            name_en,
            texts[brand] or texts[owner],
            None,
            texts[self._category_id] or self._categories.get(texts[self._category]) or None,
            texts[pack] or texts[spec] or texts[weight],
            content,
            texts[self._from] or self._source,
            self._registered_by_id,
        )


def product_of(row: Row, *, source: str, categories: Mapping[str, str]) -> NewProduct | list[Rejected]:
    """Return the product that a single row names, read by its own header and not checked yet."""
    reader = ProductReader(list(row), source=source, categories=categories)
    given = reader.given([value or "" for value in row.values()])
    return given if isinstance(given, list) else NewProduct(*given)


def _content(written: str, faults: list[Rejected]) -> int | None:
    try:
        return micro_units(Decimal(written)) if written else None
    except InvalidOperation:
        faults.append(Rejected("net_content", f"must be a number such as 1.25, not {written[:40]!r}."))
    except ValueError as error:
        faults.append(Rejected("net_content", str(error)))
    return None


def _places(header: Sequence[str], name: str) -> tuple[int, ...]:
    """Return where each of a thing's columns is; -1, the empty cell after the last, for one that is not there."""
    return tuple(header.index(each) if each in header else -1 for each in names_of(name))
