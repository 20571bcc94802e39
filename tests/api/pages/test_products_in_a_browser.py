"""Every public page on a phone and a desk, by day and by night, in both languages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import pytest
from playwright.async_api import Browser, Page, Request

from core import db
from labels.disclosures.disclosures import write_disclosures
from tests.factories.disclosures import SOUND
from tests.factories.labels import Labelled, make_labelled

PHONE, DESK = 390, 1280
Scheme = Literal["light", "dark"]

# Text against what lies behind it (WCAG 2.2, 1.4.3): 4.5 to 1, or 3 to 1 for large text.
_FAINT = """() => {
  const channels = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  const behind = element => {
    for (let e = element; e; e = e.parentElement) {
      const c = channels(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || !element.checkVisibility() || element.closest("svg")) continue;
    const style = getComputedStyle(element);
    const [a, b] = [light(channels(style.color)), light(behind(element))].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.6 && style.fontWeight >= 600);
    if ((a + .05) / (b + .05) < (large ? 3 : 4.5)) faint.push(element.textContent.trim().slice(0, 40));
  }
  return faint;
}"""
_UNLABELLED = """() => [...document.querySelectorAll("input:not([type=hidden]), select")]
  .filter(field => !field.labels.length).map(field => field.name)"""
_LANDMARKS = """() => ["header nav", "main", "footer", "h1"].map(each => document.querySelectorAll(each).length)"""
_OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def _left(request: Request) -> bool:
    """Say whether nothing failed but the page was left before the answer came."""
    return "ERR_ABORTED" in (request.failure or "")


@asynccontextmanager
async def opened(
    browser: Browser, address: str, *, width: int, scheme: Scheme, locale: str
) -> AsyncIterator[tuple[Page, list[str]]]:
    """Open a page and gather what its console complains of, such as a breach of the content security policy."""
    context = await browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, locale=locale, reduced_motion="reduce"
    )
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("requestfailed", lambda request: None if _left(request) else complaints.append(request.url))
    await page.goto(address)
    yield page, complaints
    await context.close()


@pytest.fixture(scope="session")
async def paths(database: str) -> list[str]:
    async with db.transaction() as session:
        made = await make_labelled(session)
        await write_disclosures(session, {made.footprint_id: SOUND})
    product = f"/products/{made.gtin}"
    return [
        "/",
        product,
        f"{product}?on=2001-02-03",
        "/products?q=Test",
        f"/certificates/{made.certificate_number}",
        "/categories",
        f"/categories/{made.category_id}",
        "/factors",
        "/methodology",
        f"/01/{made.gtin}?linkType=linkset",
        "/problems",
        "/problems/not-found",
    ]


@pytest.mark.parametrize("width", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
async def test_every_page_fits_can_be_read_and_says_what_it_is(
    browser: Browser, site: str, paths: list[str], width: int, scheme: Scheme, locale: str
) -> None:
    async with opened(browser, site, width=width, scheme=scheme, locale=locale) as (page, complaints):
        for path in paths:
            await page.goto(site + path)
            assert complaints == [], path
            assert await page.evaluate(_OVERFLOW) <= 0, path
            assert await page.evaluate(_FAINT) == [], path
            assert await page.evaluate(_UNLABELLED) == [], path
            assert await page.evaluate(_LANDMARKS) == [1, 1, 1, 1], path


async def test_a_missing_page_is_a_page(browser: Browser, site: str) -> None:
    async with opened(browser, f"{site}/nothing", width=PHONE, scheme="dark", locale="zh-CN") as (page, _):
        assert await page.locator("h1").inner_text() == "未找到"
        assert await page.evaluate(_FAINT) == []


async def test_the_keyboard_reaches_the_content_and_the_search_first(
    browser: Browser, site: str, labelled: Labelled
) -> None:
    async with opened(browser, f"{site}/", width=DESK, scheme="light", locale="en-GB") as (page, _):
        await page.keyboard.press("Tab")
        skip = page.locator(":focus")
        assert await skip.inner_text() == "Skip to the content"
        assert (await skip.bounding_box() or {"x": -1})["x"] >= 0
        await page.get_by_label("Name, brand, or the number under the bars").fill(labelled.gtin)
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"{site}/products/{labelled.gtin}*")
        assert await page.locator("h1").inner_text() == "Test tea"


async def test_the_language_can_be_changed_and_stays_changed(browser: Browser, site: str, labelled: Labelled) -> None:
    address = f"{site}/products/{labelled.gtin}"
    async with opened(browser, address, width=PHONE, scheme="light", locale="en-GB") as (page, _):
        await page.get_by_role("link", name="中文").click()
        assert await page.locator("h1").inner_text() == "测试茶"
        await page.get_by_role("link", name="方法学", exact=True).click()
        assert await page.locator("h1").inner_text() == "方法学"


async def test_a_grade_is_a_letter_and_a_word_and_the_label_is_shown(
    browser: Browser, site: str, labelled: Labelled
) -> None:
    address = f"{site}/products/{labelled.gtin}"
    async with opened(browser, address, width=PHONE, scheme="light", locale="en-GB") as (page, _):
        assert "A\n" in (grade := await page.locator(".grade").inner_text())
        assert "Leading" in grade
        label = page.locator("img.label")
        await label.scroll_into_view_if_needed()
        drawn = "image => image.complete && image.naturalWidth > 0"
        await page.wait_for_function(drawn, arg=await label.element_handle())
