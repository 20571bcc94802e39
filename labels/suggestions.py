"""Which category a product's name points to. Pure.

The words are those of the categories' own names, and those listed beside the base library. The noun a name is about
stands last in Chinese and, before "with", "in" or a comma, in English: of the words found the one that ends last
counts, and of those the longest. A flavour is no category: what stands before 味 or "flavored" is passed over, and so
is what stands in brackets. A suggestion is for a person to look at; nothing is ever registered by one.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

METHOD: Final = "head-noun/1"
MOST: Final = 3

_BRACKETS: Final = re.compile(r"[(\[【〔{][^)\]】〕}]*[)\]】〕}]?")
_CHINESE: Final = re.compile(r"[\u3400-\u9fff]+")
_ENGLISH: Final = re.compile(r"[a-z&'%-]+|,")
_TAIL: Final = frozenset({"with", "in", "of", "for", "made", "from"})
_FLAVOUR_ZH: Final = ("味", "风味", "口味", "香型", "香味")
_FLAVOURS: Final = frozenset({"flavored", "flavoured", "flavor", "flavour", "style", "seasoned", "scented", "free"})
_PLURALS: Final = (("ies", "y"), ("oes", "o"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("sses", "ss"), ("s", ""))
_SHORTEST: Final = 3


@dataclass(frozen=True, slots=True)
class CategoryWords:
    """The words of one category: Chinese ones, and English ones of one or several words in the singular."""

    category_id: str
    zh: tuple[str, ...]
    en: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A category, and the word of the name that points to it."""

    category_id: str
    word: str


@dataclass(frozen=True, slots=True)
class _Match:
    ends: int
    length: int
    category_id: str
    word: str


class Suggester:
    """Suggests among the categories whose words it was made of; made once, asked often."""

    def __init__(self, words: Iterable[CategoryWords]) -> None:
        """Take the words of every category; a word of several belongs to the first."""
        self._zh: dict[str, str] = {}
        self._en: dict[tuple[str, ...], str] = {}
        for each in words:
            for word in each.zh:
                self._zh.setdefault(word, each.category_id)
            for phrase in each.en:
                self._en.setdefault(tuple(_singular(word) for word in phrase.lower().split()), each.category_id)
        self._longest_zh = max(map(len, self._zh), default=0)
        self._longest_en = max(map(len, self._en), default=0)

    def suggest(self, name: str, *, most: int = MOST) -> list[Suggestion]:
        """Return the categories a name points to, the likeliest first; none when it has no word that is known."""
        text = _BRACKETS.sub(" ", unicodedata.normalize("NFKC", name).lower())
        matches = list(self._chinese(text)) or list(self._english(text))
        best: dict[str, _Match] = {}
        for match in sorted(matches, key=lambda each: (-each.ends, -each.length)):
            best.setdefault(match.category_id, match)
        return [Suggestion(each.category_id, each.word) for each in list(best.values())[:most]]

    def _chinese(self, text: str) -> Iterable[_Match]:
        for run in _CHINESE.finditer(text):
            characters = run.group()
            for end in range(1, len(characters) + 1):
                if characters.startswith(_FLAVOUR_ZH, end):
                    continue
                for length in range(min(end, self._longest_zh), 0, -1):
                    word = characters[end - length : end]
                    if word in self._zh:
                        yield _Match(run.start() + end, length, self._zh[word], word)
                        break  # a shorter word with the same end says less

    def _english(self, text: str) -> Iterable[_Match]:
        """Yield matches; a later part behind a comma or a preposition counts less than what the first parts are."""
        words = [_singular(word) for word in _ENGLISH.findall(text)]
        part = len(words)
        for place, word in enumerate(words):
            if word == "," or word in _TAIL:
                part -= len(words)
                continue
            for length in range(min(self._longest_en, len(words) - place), 0, -1):
                phrase = tuple(words[place : place + length])
                ends = place + length
                if phrase in self._en and (ends == len(words) or words[ends] not in _FLAVOURS):
                    yield _Match(part + ends, length, self._en[phrase], " ".join(phrase))
                    break


def words_of(names: Iterable[tuple[str, str, str]], listed: Mapping[str, tuple[str, str]]) -> list[CategoryWords]:
    """Return the words of registered categories (id, Chinese and English name), with those listed for them.

    Listed are Chinese words apart by spaces, English ones by commas; they come before names. The name of a category
    that has finer ones is no word: "food" and "snack" say too little.
    """
    known = list(names)
    wide = {category_id.rpartition(".")[0] for category_id, _, _ in known}
    found: dict[str, CategoryWords] = {}
    own: list[CategoryWords] = []
    for category_id, name_zh, name_en in known:
        zh, en = listed.get(category_id, ("", ""))
        if category_id in listed:
            phrases = tuple(phrase.strip() for phrase in en.split(",") if phrase.strip())
            found[category_id] = CategoryWords(category_id, tuple(zh.split()), phrases)
        if category_id in wide:
            continue
        own_zh = tuple(part for part in re.split(r"[\s、和及()()]+", name_zh) if len(part) > 1)
        own_en = tuple(part for part in re.split(r",| and |[()]", name_en.lower()) if len(part.strip()) >= _SHORTEST)
        own.append(CategoryWords(category_id, own_zh, own_en))
    ordered = [found[category_id] for category_id in listed if category_id in found]
    return [*ordered, *own]


def _singular(word: str) -> str:
    word = word.strip("'-")
    for plural, singular in _PLURALS:
        if word.endswith(plural) and len(word) > len(plural) + 1 and not word.endswith("ss"):
            return word.removesuffix(plural) + singular
    return word
