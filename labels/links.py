"""The links a GS1-Conformant resolver has for a product, which of them a request means, and their linkset. Pure.

GS1-Conformant Resolver Standard 1.2 (2.5: what a link says; 2.6: which one is meant; 2.9 and 2.10: linksets) and
RFC 9264. Link types are those of the GS1 Web Vocabulary; none is invented. Every target is a path of this service.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import quote

VOCABULARY: Final = "https://ref.gs1.org/voc/"
CONTEXT: Final = "https://ref.gs1.org/standards/resolver/linkset-context"
"""What makes JSON-LD of a linkset."""
WHOLE: Final = frozenset({"linkset", "all"})
"""What asks for every link; `all` is the word of the standard before its version 1.0."""

_SPELLINGS: Final = ("gs1:", VOCABULARY, "https://gs1.org/voc/", "https://www.gs1.org/voc/", "http://gs1.org/voc/")
_PAGE: Final = "text/html"
_STATEMENT: Final = "application/jwt"
_LANGUAGES: Final = ("zh", "en")
_TO_STRANGERS: Final = "en"


class LinkType(StrEnum):
    """What a target is to the product."""

    DEFAULT = "defaultLink"
    PRODUCT = "pip"
    SUSTAINABILITY = "sustainabilityInfo"
    CERTIFICATION = "certificationInfo"
    STATEMENT = "jws"


@dataclass(frozen=True, slots=True)
class Link:
    """One target: its path here, what it is, and what can tell it from others of its type."""

    link_type: LinkType
    path: str
    title: str
    media_type: str | None = None
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """A registered product with its links; the first one is the default."""

    gtin: str
    description: str
    links: tuple[Link, ...]

    @property
    def path(self) -> str:
        """The path of its GS1 Digital Link, which all of its links hang on."""
        return f"/01/{self.gtin}"


def item(gtin: str, names: Sequence[str], certificates: Sequence[str]) -> Item:
    """Return a product with its links, from its names and the numbers of the certificates that hold.

    The default has a title and nothing else, and stands under `gs1:pip` as well (2.5.8). Two certificates are two
    links that nothing tells apart, so asking for one of them is answered with both.
    """
    page = f"/products/{gtin}"
    links = [
        Link(LinkType.DEFAULT, page, "产品信息 Product information"),
        Link(LinkType.PRODUCT, page, "产品信息 Product information", _PAGE, _LANGUAGES),
        Link(LinkType.SUSTAINABILITY, f"{page}?lang=zh", "碳足迹与减排", _PAGE, ("zh",)),
        Link(LinkType.SUSTAINABILITY, f"{page}?lang=en", "Carbon footprint and saving", _PAGE, ("en",)),
    ]
    for number in certificates:
        name = quote(number, safe="")
        titles = f"证书 Certificate {number}", f"Signed status statement of certificate {number}"
        links += [
            Link(LinkType.CERTIFICATION, f"/certificates/{name}", titles[0], _PAGE, _LANGUAGES),
            Link(LinkType.STATEMENT, f"/v1/certificates/{name}/statement", titles[1], _STATEMENT),
        ]
    description = " / ".join(dict.fromkeys(name for name in names if name)) or gtin
    return Item(gtin, description, tuple(links))


def link_type_of(text: str) -> LinkType | None:
    """Return the link type that `text` names, as `gs1:pip` or as its URI, or None when there is no such link here."""
    for spelling in _SPELLINGS:
        name = text.removeprefix(spelling)
        if name != text and name in set(LinkType):
            return LinkType(name)
    return None


def matching(
    links: Sequence[Link], wanted: LinkType, *, media: Sequence[str], languages: Sequence[str]
) -> tuple[Link, ...]:
    """Return the links of a type that suit a reader best; more than one when nothing tells them apart (2.6.3).

    `media` and `languages` are ranges in the reader's order, as in Accept and Accept-Language. Media types count
    before languages. Whoever reads none of a link's languages gets English, and whoever names none gets Chinese.
    """
    candidates = [link for link in links if link.link_type is wanted]
    candidates = _first(candidates, media, _suits) or candidates
    read = [*languages, _TO_STRANGERS] if languages else list(_LANGUAGES)
    return tuple(_first(candidates, read, _speaks) or candidates)


def _first(links: list[Link], ranges: Sequence[str], meets: Callable[[Link, str], bool]) -> list[Link]:
    """Return the links that meet the first range that any of them meets."""
    for each in ranges:
        if found := [link for link in links if meets(link, each.lower())]:
            return found
    return []


def _suits(link: Link, media_range: str) -> bool:
    if link.media_type is None or media_range == "*/*":
        return True
    return media_range in {link.media_type, f"{link.media_type.partition('/')[0]}/*"}


def _speaks(link: Link, language: str) -> bool:
    """Say whether a link is in a language: `zh` meets `zh-Hans-CN`, and `zh-CN` meets `zh` (RFC 4647, lookup)."""
    if not link.languages or language == "*":
        return True
    return any(f"{language}-".startswith(f"{tag}-") or f"{tag}-".startswith(f"{language}-") for tag in link.languages)


def linkset(anchor: Item, links: Sequence[Link], root: str) -> dict[str, list[dict[str, object]]]:
    """Return `links` of a product as a linkset in JSON, with the members that GS1's schema of linksets allows.

    `root` is the address of this service, without a slash at its end.
    """
    context: dict[str, object] = {"anchor": root + anchor.path, "itemDescription": anchor.description}
    by_type: dict[str, list[dict[str, object]]] = {link.link_type: [] for link in links}
    for link in links:
        by_type[link.link_type].append(_target(link, root))
    context |= {VOCABULARY + name: targets for name, targets in by_type.items()}
    return {"linkset": [context]}


def _target(link: Link, root: str) -> dict[str, object]:
    target: dict[str, object] = {"href": root + link.path, "title": link.title}
    if link.media_type is not None:
        target["type"] = link.media_type
    if link.languages:
        target["hreflang"] = list(link.languages)
    return target


def forwarded(path: str, query: str) -> str:
    """Return a target's path with the whole of a request's query string behind it, as it was sent (2.12)."""
    return path + ("&" if "?" in path else "?") + query if query else path
