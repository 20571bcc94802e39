"""Who reads a page: in which language, and whether the language was chosen, so that links keep it."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import HTMLResponse

from api.negotiation import preferences
from api.rendering import page
from labels.wording import Language

_SECONDS: Final = 60
_LANG: Final = "lang"


@dataclass(frozen=True, slots=True)
class Reader:
    """The reader of one page. `query` is what the page was asked for, without the language."""

    language: Language
    chosen: bool
    path: str
    query: tuple[tuple[str, str], ...]

    def at(self, path: str, **query: object) -> str:
        """Return the address of a page, with the language when the reader chose it."""
        pairs = [(name, str(value)) for name, value in query.items() if value not in {None, ""}]
        if self.chosen:
            pairs.append((_LANG, self.language.value))
        return f"{path}?{urlencode(pairs)}" if pairs else path

    def in_language(self, language: str) -> str:
        """Return the address of this very page in a language."""
        return f"{self.path}?{urlencode([*self.query, (_LANG, language)])}"


def reader_of(request: Request) -> Reader:
    """Return who reads: `?lang=` decides, then Accept-Language. Who names no language gets Chinese.

    Who reads neither Chinese nor English gets English.
    """
    asked = request.query_params.get(_LANG, "")
    query = tuple((name, value) for name, value in request.query_params.multi_items() if name != _LANG)
    path = request.url.path
    if asked in set(Language):
        return Reader(Language(asked), chosen=True, path=path, query=query)
    return Reader(_preferred(request.headers.get("accept-language", "")), chosen=False, path=path, query=query)


def _preferred(header: str) -> Language:
    ranges = preferences(header)
    for each in ranges:
        primary = each.partition("-")[0]
        if primary in set(Language):
            return Language(primary)
    return Language.ENGLISH if any(each != "*" for each in ranges) else Language.CHINESE


def shown(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:  # noqa: ANN401 - as page()
    """Return a page in the language of whoever asks for it."""
    reader = reader_of(request)
    response = page(template, status=status, language=reader.language, reader=reader, **values)
    response.headers["Content-Language"] = "zh-CN" if reader.language is Language.CHINESE else "en"
    response.headers["Vary"] = "Accept, Accept-Language"
    response.headers["Cache-Control"] = f"public, max-age={_SECONDS}" if status == 200 else "no-store"  # noqa: PLR2004 - OK
    return response
