"""Pages and drawings: Jinja2 templates of api/templates, escaped, strict about names, in the language of the reader."""

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from api.formats import Formats
from labels.wording import Language

CATALOGUE: Final = Path(__file__).parent / "locales" / "zh.po"
"""What the pages say, from English into Chinese: read as it is, so there is nothing to compile."""


@cache
def _environment(language: Language) -> Environment:
    environment = Environment(
        loader=PackageLoader("api"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    environment.globals |= Formats(language).functions()
    return environment


@cache
def translations(language: Language) -> NullTranslations:
    """Return what the pages say in a language; English is what stands in the templates."""
    if language is Language.ENGLISH:
        return NullTranslations()
    compiled = BytesIO()
    with CATALOGUE.open("rb") as file:
        write_mo(compiled, read_po(file, locale="zh"))
    compiled.seek(0)
    return Translations(compiled)


def text_of(template: str, *, language: Language = Language.ENGLISH, **values: Any) -> str:  # noqa: ANN401 - whatever a template shows
    """Return what a template becomes."""
    return _environment(language).get_template(template).render(language=language.value, **values)


def page(
    template: str,
    *,
    status: int = 200,
    language: Language = Language.ENGLISH,
    **values: Any,  # noqa: ANN401 - whatever a template shows
) -> HTMLResponse:
    """Return a page."""
    return HTMLResponse(text_of(template, language=language, **values), status)
