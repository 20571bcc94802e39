"""What others see of a resident on leaderboards and in a household has to be something to see. Pure."""

import unicodedata
from typing import Final

# Embeddings, overrides and isolates turn round what stands after a name, on whatever page it is shown.
# Unicode Standard Annex #9, "Explicit Directional Formatting Characters"
_TURNING: Final = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
_SEEN: Final = frozenset("LNPS")
"""Letters, numbers, punctuation and symbols; marks are seen only on one of these."""
# Letters and a symbol that are drawn as nothing: Hangul fillers, and Braille without a dot.
_BLANK: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800")
_UNASSIGNED: Final = "Cn"
_PLANES: Final = range(0x10000, 0xE0000)
"""Where emoji and characters of Chinese names are added that are newer than the tables of this Python."""


def nickname_of(text: str) -> str | None:
    """Return a nickname without what would turn round the text beside it, or None where nothing of it can be seen."""
    kept = "".join(each for each in text if unicodedata.bidirectional(each) not in _TURNING)
    return kept if any(map(_is_seen, kept)) else None


def _is_seen(character: str) -> bool:
    category = unicodedata.category(character)
    if category == _UNASSIGNED:
        return ord(character) in _PLANES
    return category[0] in _SEEN and character not in _BLANK
