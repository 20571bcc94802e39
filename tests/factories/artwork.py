"""What a label says, made without a database."""

from datetime import UTC, date, datetime

from core.ids import new_id
from labels.grades import Grade
from labels.label_facts import LabelFacts
from labels.savings import CertificateFact, FootprintFact, ProductFacts

GTIN = "09521234543213"
URI = f"https://id.gs1.org/01/{GTIN}"


def label_facts(
    name_zh: str = "示范乌龙茶",
    name_en: str = "Demonstration oolong tea",
    *,
    milligrams: int = 6_570_000,
    below_bp: int | None = 2_812,
    model: str | None = "category_mean",
    grade: Grade | None = Grade.A,
    number: str = "CL-2026-000123",
) -> LabelFacts:
    since, until = date(2026, 1, 1), date(2029, 1, 1)
    footprint = FootprintFact(
        new_id(),
        "tea",
        milligrams,
        "kg",
        "cradle_to_grave",
        "ISO 14067",
        "CN",
        0,
        False,
        since,
        None,
        datetime(2026, 1, 1, tzinfo=UTC),
    )
    certificate = CertificateFact(new_id(), number, "CN-CFP", "carbon_label", footprint.id, since, until, (), new_id())
    facts = ProductFacts(GTIN, name_zh, name_en, "tea", 990_000, (certificate,), (footprint,), ())
    return LabelFacts(facts, certificate, until, footprint, below_bp, model, grade, None)
