"""What stands on a printed label, and where its QR code's modules are. Pure.

The label is the programme's own: a plain frame with words and figures. It imitates no official mark, and says so.
Sizes are millimetres of the smaller of two standard sizes of label paper, 60 x 40; the larger one is drawn half as big
again. The QR code is then 20 mm wide with its quiet zone, which printers of 203 dots to the inch render well.
"""

import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

import segno

from labels.label_facts import LabelFacts
from labels.wording import BOUNDARIES, GRADES, UNITS, Language, likeness, mass, name_in, word

QUIET: Final = 4
"""Modules of white around a QR code (ISO/IEC 18004)."""
_WIDE: Final = 1.0
_THIN: Final = 0.33
_NARROW: Final = 0.58
_CAPITAL: Final = 0.68
"""Widths of characters in ems, a little above those of Noto Sans CJK in bold, so that nothing runs over its place."""


class Size(StrEnum):
    """Label paper: 60 x 40 mm, or 90 x 60 mm."""

    SMALL = "small"
    LARGE = "large"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The millimetres of a label."""

    width_mm: int
    height_mm: int


SHEETS: Final = {Size.SMALL: Sheet(60, 40), Size.LARGE: Sheet(90, 60)}


@dataclass(frozen=True, slots=True)
class Symbol:
    """A QR code: how many modules wide with its quiet zone, and the dark ones as a path of an SVG."""

    modules: int
    path: str


@dataclass(frozen=True, slots=True)
class Text:
    """A line with the size, in mm, at which it fits its place."""

    words: str
    size: float


@dataclass(frozen=True, slots=True)
class Face:
    """Everything that stands on a label."""

    language: Language
    title: Text
    subject: Text
    product: tuple[Text, ...]
    figure: Text
    unit: Text
    unit_at: float
    scope: Text
    comparison: Text
    falls: bool | None
    grade: str | None
    grade_words: Text
    certificate: Text
    note: Text
    gtin: str
    uri: str
    symbol: Symbol


@dataclass(frozen=True, slots=True)
class _Phrases:
    title: str
    subject: str
    per: str
    no_grade: str
    certificate: str
    note: str


_PHRASES: Final = {
    Language.CHINESE: _Phrases(
        "碳惠 碳标签",
        "产品碳足迹",
        "每{unit} · {boundary}",
        "暂无等级",
        "证书 {number} · 有效至 {until}",
        "自愿性标签，非国家标识。扫码查看依据。",
    ),
    Language.ENGLISH: _Phrases(
        "Tanhui carbon label",
        "Carbon footprint",
        "per {unit} · {boundary}",
        "No grade yet",
        "Cert. {number} · valid until {until}",
        "Voluntary label, no national mark. Scan for the evidence.",
    ),
}
_COLUMN: Final = 35.0
_WHOLE: Final = 56.0


def symbol(uri: str) -> Symbol:
    """Return the QR code of a URI at error correction level M or better."""
    matrix = [bytes(row) for row in segno.make_qr(uri, error="m").matrix]
    path = "".join(
        f"M{left + QUIET} {top + QUIET}h{width}v1h-{width}z"
        for top, row in enumerate(matrix)
        for left, width in _runs(row)
    )
    return Symbol(len(matrix) + 2 * QUIET, path)


def face_of(stated: LabelFacts, uri: str, language: Language) -> Face:
    """Return the label of a product that has a valid certificate and footprint, with the link that its QR code holds.

    The day printed is the last one on which the certificate holds.
    """
    facts, footprint, certificate = stated.facts, stated.footprint, stated.certificate
    phrases = _PHRASES[language]
    number, unit = mass(footprint.milligrams_per_unit)
    per = word(UNITS, footprint.functional_unit, language)
    boundary = word(BOUNDARIES, footprint.boundary, language)
    until = (stated.valid_until - timedelta(days=1)).isoformat()
    figure = Text(number, 7.0)
    grade = None if stated.grade is None else stated.grade.value
    return Face(
        language=language,
        title=fitted(phrases.title, 32, 2.9),
        subject=fitted(phrases.subject, 24, 2.3),
        product=_name(name_in(language, facts.name_zh, facts.name_en)),
        figure=figure,
        unit=Text(unit, 3.0),
        unit_at=2 + width_of(number) * figure.size + 1.2,
        scope=fitted(phrases.per.format(unit=per, boundary=boundary), _COLUMN, 2.2),
        comparison=fitted(likeness(stated.below_bp, stated.model, language), _COLUMN - 3.2, 2.8),
        falls=None if stated.below_bp is None or abs(stated.below_bp) < _PERCENT else stated.below_bp > 0,
        grade=grade,
        grade_words=fitted(phrases.no_grade if grade is None else word(GRADES, grade, language), 17, 2.6),
        certificate=fitted(phrases.certificate.format(number=certificate.number, until=until), _WHOLE, 2.0),
        note=fitted(phrases.note, _WHOLE, 1.8),
        gtin=facts.gtin,
        uri=uri,
        symbol=symbol(uri),
    )


_PERCENT: Final = 100
_NAME_MM: Final = 2.5
_NAME_LINES: Final = 2
_LEAST_SHARE: Final = 0.7
"""Below this share of its size a line is cut short instead of set smaller: nobody could read it in print."""


def fitted(words: str, width: float, size: float) -> Text:
    """Return a line set smaller, and cut short if need be, so that it fits `width` mm."""
    wanted = width_of(words) * size
    if wanted <= width:
        return Text(words, size)
    if wanted * _LEAST_SHARE <= width:
        return Text(words, size * width / wanted)
    return Text(_cut(words, width / (size * _LEAST_SHARE)), size * _LEAST_SHARE)


def width_of(words: str) -> float:
    """Return about how wide a line is, in ems."""
    return sum(_ems(character) for character in words)


def _name(words: str) -> tuple[Text, ...]:
    """Return a product's name on at most two lines, broken between words where there are any."""
    ems = _COLUMN / _NAME_MM
    first, rest = _broken(words.strip(), ems)
    lines = [first, _cut(rest, ems)] if rest else [first]
    return tuple(Text(line, _NAME_MM) for line in lines[:_NAME_LINES])


def _broken(words: str, ems: float) -> tuple[str, str]:
    total = 0.0
    for index, character in enumerate(words):
        total += _ems(character)
        if total > ems:
            blank = words.rfind(" ", 0, index + 1)
            end = blank if blank > index // 2 else index
            return words[:end].rstrip(), words[end:].lstrip()
    return words, ""


def _cut(words: str, ems: float) -> str:
    if width_of(words) <= ems:
        return words
    while words and width_of(words) + _WIDE > ems:
        words = words[:-1]
    return words.rstrip() + "…"


def _ems(character: str) -> float:
    if character in ".,:;|'il ":
        return _THIN
    if unicodedata.east_asian_width(character) in "WFA":
        return _WIDE
    return _CAPITAL if character.isupper() or character in "%@mMW" else _NARROW


def _runs(row: bytes) -> list[tuple[int, int]]:
    """Return where each run of dark modules starts, and how long it is."""
    runs = []
    left = row.find(1)
    while left >= 0:
        end = row.find(0, left)
        end = len(row) if end < 0 else end
        runs.append((left, end - left))
        left = row.find(1, end)
    return runs
