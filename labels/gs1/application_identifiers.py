"""Every GS1 application identifier: format, where it may stand, what it needs and what it excludes.

Facts of the GS1 Barcode Syntax Dictionary (release of 2025), grouped by us: one row for all identifiers that share
everything. Needs and exclusions are written as leading digits: all identifiers with the same two leading digits have
the same length, so `31` means any of 3100 to 3199 and `01` only itself.
"""

import re
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from labels.gs1.checks import CHARACTER_SETS, CONTENT, Check

_TRADE: Final = "01 02 03 8006 8026"
_ANY: Final = ""


@dataclass(frozen=True, slots=True)
class Component:
    """One part of a value: its character set, its length, and the rules its content keeps."""

    least: int
    most: int
    optional: bool
    checks: tuple[tuple[str, Check], ...]


@dataclass(frozen=True, slots=True)
class Identifier:
    """An application identifier. `fixed`: needs no separator; `attribute`: may stand in a Digital Link's query."""

    code: str
    fixed: bool
    attribute: bool
    components: tuple[Component, ...]
    least: int
    most: int
    needs: tuple[tuple[str, ...], ...]
    excludes: tuple[str, ...]


# identifiers | * fixed, ? attribute | format | needs one of (a+b: both) | excludes (family: others of its first three)
_ROWS: Final = (
    ("00", "*?", "N18:csum", _ANY, ""),
    ("01", "*?", "N14:csum", _ANY, "255 37"),
    ("02", "*?", "N14:csum", "37", "01 03"),
    ("03", "*", "N14:csum", _ANY, "01 02 37 235"),
    ("10", "?", "X..20", _TRADE, ""),
    ("11 13 15-16", "*?", "N6:yymmd0", _TRADE, ""),
    ("12", "*?", "N6:yymmd0", "8020", ""),
    ("17", "*?", "N6:yymmd0", f"{_TRADE} 255", ""),
    ("20", "*?", "N2", _TRADE, ""),
    ("21", "", "X..20", "01 03 8006", "235"),
    ("22", "", "X..20", "01", ""),
    ("235", "", "X..28", "01", ""),
    ("240-241", "?", "X..30", _TRADE, ""),
    ("242", "?", "N..6", "01 02 8006 8026", ""),
    ("243", "?", "X..20", "01 03", ""),
    ("250", "?", "X..30", "01+21 03+21 8006+21", ""),
    ("251", "?", "X..30", "01 03 8006", ""),
    ("253", "?", "N13:csum [X..17]", _ANY, ""),
    ("254", "", "X..20", "414", ""),
    ("255", "?", "N13:csum [N..12]", _ANY, "01 02 415 8006 8020 8026"),
    ("30", "?", "N..8", "01 02", ""),
    ("310x-316x 320x-329x 350x-352x 356x-357x 360x-361x 364x-366x", "*?", "N6", "01 02", "family"),
    ("330x-336x 340x-349x 353x-355x 362x-363x 367x-369x", "*?", "N6", "00 01", "family"),
    ("337x", "*?", "N6", "01", "family"),
    ("37", "?", "N..8", "00+02 00+8026", ""),
    ("3900-3909", "?", "N..15", "255 8020", "family 391 394 8111"),
    ("3910-3919", "?", "N3:iso4217 N..15", "8020", "family"),
    ("3920-3929", "?", "N..15", "01+30 01+31 01+32 01+35 01+36", "family 393"),
    ("3930-3939", "?", "N3:iso4217 N..15", "30 31 32 35 36", "family"),
    ("3940-3943", "?", "N4", "255", "family 8111"),
    ("395x", "?", "N6", "30 31 32 35 36", "family 392 393 8005"),
    ("400 90", "?", "X..30", _ANY, ""),
    ("401", "?", "X..30:gcppos1", _ANY, ""),
    ("402", "?", "N17:csum", _ANY, ""),
    ("403 4308 4319", "?", "X..30", "00", ""),
    ("410-414 416-417", "*?", "N13:csum", _ANY, ""),
    ("415", "*?", "N13:csum", "8020", ""),
    ("420", "?", "X..20", _ANY, "421"),
    ("421", "?", "N3:iso3166 X..9", _ANY, "4307"),
    ("422", "?", "N3:iso3166", _TRADE, "426"),
    ("423 425", "?", f"N3:iso3166{' [N3]:iso3166' * 4}", "01 02 03", "426"),
    ("424", "?", "N3:iso3166", "01 02 03", "426"),
    ("426", "?", "N3:iso3166", "01 02 03", ""),
    ("427", "?", "X..3", "01+422 02+422 03+422", ""),
    ("4300-4301 4310-4311 4320", "?", "X..35:pcenc", "00", ""),
    ("4302 4304-4306 4312 4314-4316", "?", "X..70:pcenc", "00", ""),
    ("4303", "?", "X..70:pcenc", "4302", ""),
    ("4313", "?", "X..70:pcenc", "4312", ""),
    ("4307 4317", "?", "X2:iso3166alpha2", "00", ""),
    ("4309", "?", "N10:latitude N10:longitude", "00", ""),
    ("4318", "?", "X..20", "00", ""),
    ("4321-4323", "?", "N1:yesno", "00", ""),
    ("4324-4325", "?", "N6:yymmd0 N4:hhmi", "00", ""),
    ("4326", "?", "N6:yymmdd", "00", ""),
    ("4330", "?", "N6 [X1]:hyphen", "00", "4331"),
    ("4331", "?", "N6 [X1]:hyphen", "00", "4330"),
    ("4332", "?", "N6 [X1]:hyphen", "00", "4333"),
    ("4333", "?", "N6 [X1]:hyphen", "00", "4332"),
    ("7001", "?", "N13", "01 02 8006 8026", ""),
    ("7002", "?", "X..30", "01 02", ""),
    ("7003", "?", "N6:yymmdd N4:hhmi", "01 02 03", ""),
    ("7004", "?", "N..4", "01+10 03+10", ""),
    ("7005", "?", "X..12", "01 02", ""),
    ("7006", "?", "N6:yymmdd", "01 02", ""),
    ("7007", "?", "N6:yymmdd [N6]:yymmdd", "01 02", ""),
    ("7008", "?", "X..3", "01 02", ""),
    ("7009", "?", "X..10", "01 02", ""),
    ("7010", "?", "X..2", "01 02 03", ""),
    ("7011", "?", "N6:yymmdd [N4]:hhmi", "01 02 03", ""),
    ("7020", "?", "X..20", "01+416 03+416 8006+416", ""),
    ("7021 8012", "?", "X..20", "01 03 8006", ""),
    ("7022", "?", "X..20", "01+7021 03+7021 8006+7021", ""),
    ("7023", "?", "X..30:gcppos1", _ANY, ""),
    ("7030-7039", "?", "N3:iso3166999 X..27", "01 02", ""),
    ("7040", "", "N1 X1 X1 X1:importeridx", _ANY, ""),
    ("7041", "", "X..4:packagetype", "00", ""),
    ("710-717", "?", "X..20", "01", ""),
    ("7230-7239", "?", "X2 X..28", "01 8004", ""),
    ("7240", "?", "X..20", "01 8006", "03"),
    ("7241", "?", "N2:mediatype", "8017 8018", ""),
    ("7242", "?", "X..25", "8017 8018", ""),
    ("7250", "?", "N8:yyyymmdd", "8018", "7251"),
    ("7251", "?", "N8:yyyymmdd N4:hhmi", "8018", "7250"),
    ("7252", "?", "N1:iso5218", "8018", ""),
    ("7253-7254", "?", "X..40:pcenc", "8017 8018", "7256 7259"),
    ("7255", "?", "X..10", "8017 8018", "7256 7259"),
    ("7256", "?", "X..90:pcenc", "8017 8018", ""),
    ("7257", "?", "X..70:pcenc", "8018", ""),
    ("7258", "?", "X3:posinseqslash", "8018+7259", ""),
    ("7259", "?", "X..40:pcenc", "8018", "7256"),
    ("8001", "?", "N4:nonzero N5:nonzero N3:nonzero N1:winding N1", "01", ""),
    ("8002", "?", "X..20", _ANY, ""),
    ("8003", "?", "N1:zero N13:csum [X..16]", _ANY, ""),
    ("8004", "?", "X..30:gcppos1", _ANY, ""),
    ("8005", "?", "N6", "01 02", ""),
    ("8006", "?", "N14:csum N4:pieceoftotal", _ANY, "01 03 37"),
    ("8007", "?", "X..34:iban", "415", ""),
    ("8008", "?", "N6:yymmdd N2:hh [N2]:mi [N2]:ss", "01 02 03", ""),
    ("8009", "?", "X..50", "00 01 03", ""),
    ("8010", "?", "Y..30:gcppos1", _ANY, ""),
    ("8011", "", "N..12:nozeroprefix", "8010", ""),
    ("8013", "?", "X..25:csumalpha,gcppos1", _ANY, ""),
    ("8014", "", "X..25:csumalpha,gcppos1,hasnondigit", "01", ""),
    ("8017", "?", "N18:csum", _ANY, "8018"),
    ("8018", "?", "N18:csum", _ANY, "8017"),
    ("8019", "", "N..10", "8017 8018", ""),
    ("8020", "", "X..25", "415", ""),
    ("8026", "?", "N14:csum N4:pieceoftotal", "37", "02 03 8006"),
    ("8030", "?", "Z..90", "00 01+21 03+21 253 255 8003 8004 8006+21 8010+8011 8017 8018", ""),
    ("8040", "", "N15", "01+21", ""),
    ("8041", "", "N15", "01+21+8040", ""),
    ("8042", "", "N32", "01+21+8040", ""),
    ("8043", "", "N18 [N..2]", "01+21+8040", ""),
    ("8110", "?", "X..70:couponcode", _ANY, ""),
    ("8111", "?", "N4", "255", ""),
    ("8112", "?", "X..70:couponposoffer", _ANY, ""),
    ("8200", "", "X..70", "01", ""),
    ("91-99", "?", "X..90", _ANY, ""),
)

_KEYS: Final = {
    **dict.fromkeys(("00", "253", "255", "401", "402", "8003", "8013"), ("",)),
    "01": ("22 10 21", "235"),
    "8006": ("22 10 21",),
    "414": ("254", "7040"),
    "415": ("8020",),
    "417": ("7040",),
    "8004": ("7040",),
    "8010": ("8011",),
    "8017": ("8019",),
    "8018": ("8019",),
}
"""What a Digital Link may be about, and the qualifiers that may follow it in its path, in this order."""

_COMPONENT: Final = re.compile(r"(\[)?([NXYZ])(\.\.)?(\d+)\]?(?::([a-z0-9,]+))?")


def _component(written: str) -> Component:
    optional, characters, variable, most, rules = _COMPONENT.fullmatch(written).groups()  # type: ignore[union-attr]  # ours
    checks = ((f"cset_{characters.lower()}", CHARACTER_SETS[characters]),)
    checks += tuple((rule, CONTENT[rule]) for rule in (rules or "").split(",") if rule)
    return Component(1 if variable else int(most), int(most), optional is not None, checks)


def _codes(listed: str) -> list[str]:
    """Return the identifiers of a row; `310x-316x` are 3100 to 3105, 3110 to 3115 ... as decimals go up to five."""
    codes = []
    for item in listed.split():
        first, _, last = item.partition("-")
        stems = [
            f"{n:0{len(first.rstrip('x'))}d}"
            for n in range(int(first.rstrip("x")), int((last or first).rstrip("x")) + 1)
        ]
        codes += [f"{stem}{n}" for stem in stems for n in range(6)] if first.endswith("x") else stems
    return codes


def _identifiers() -> dict[str, Identifier]:
    table = {}
    for listed, flags, written, needs, excludes in _ROWS:
        components = tuple(_component(part) for part in written.split())
        least = sum(0 if part.optional else part.least for part in components)
        most = sum(part.most for part in components)
        wanted = tuple(tuple(group.split("+")) for group in needs.split())
        for code in _codes(listed):
            unwanted = tuple(code[:3] if each == "family" else each for each in excludes.split())
            table[code] = Identifier(code, "*" in flags, "?" in flags, components, least, most, wanted, unwanted)
    return table


IDENTIFIERS: Final = _identifiers()
LENGTH_BY_PREFIX: Final = {code[:2]: len(code) for code in IDENTIFIERS}
SEQUENCES: Final = frozenset(
    (key, *chosen)
    for key, alternatives in _KEYS.items()
    for qualifiers in alternatives
    for count in range(len(qualifiers.split()) + 1)
    for chosen in combinations(qualifiers.split(), count)
)
"""Every key with every choice of its qualifiers, in their order."""
KEYS: Final = frozenset(_KEYS)
SEQUENCES_OF: Final = {key: tuple(sorted((each for each in SEQUENCES if each[0] == key), key=" ".join)) for key in KEYS}
