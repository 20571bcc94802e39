import csv
import io
from uuid import UUID

import pytest
from httpx import AsyncClient, Response

from core import db
from core.ids import new_id
from labels.import_jobs import uploads
from points.programmes.access import Role, Scope
from tests.api.conftest import People
from tests.factories.identities import as_partner, as_staff
from tests.factories.import_jobs import worked_through
from tests.factories.labels import fresh_gtin
from tests.factories.tables import csv_of, xlsx_of

HEADER = ("gtin", "name_zh", "pack")


async def hand_in(
    client: AsyncClient, who: dict[str, str], data: bytes, name: str = "table.csv", **fields: str
) -> Response:
    form = {"kind": "products"} | fields
    return await client.post("/v1/imports", headers=who, data=form, files={"file": (name, data)})


async def test_a_table_is_kept_then_imported_and_its_report_tells_row_field_reason_and_remedy(
    client: AsyncClient, people: People
) -> None:
    good = fresh_gtin()
    data = xlsx_of(HEADER, [(good, "乌龙茶", "500ml"), ("@1+1", "错", ""), (fresh_gtin(), "", "")])
    kept = await hand_in(client, people.partner, data, "C:\\tables\\春茶.xlsx")
    assert kept.status_code == 202, kept.text
    job = kept.json()
    assert (job["state"], job["filename"], job["size_bytes"]) == ("waiting", "春茶.xlsx", len(data))
    await worked_through(UUID(job["id"]))
    done = (await client.get(kept.headers["Location"], headers=people.partner)).json()
    assert (done["state"], done["registered"], done["refused"], done["failure"]) == ("done", 1, 2, None)
    assert (await client.get(f"/v1/products/{good}")).json()["name_zh"] == "乌龙茶"
    report = await client.get(f"{kept.headers['Location']}/report.csv", headers=people.partner)
    assert report.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(report.text.removeprefix("\ufeff"))))
    assert [(row["row"], row["field"], row["value"]) for row in rows] == [("3", "gtin", "'@1+1"), ("4", "name", "")]
    assert all(row["reason"] and row["remedy"] for row in rows)
    listed = (await client.get("/v1/imports", headers=people.partner)).json()["imports"]
    assert [each["id"] for each in listed] == [job["id"]]


async def test_a_repeat_is_answered_though_no_more_files_may_wait(
    client: AsyncClient, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, keyed = csv_of(HEADER, [(fresh_gtin(), "茶", "")]), people.partner | {"Idempotency-Key": new_id().hex}
    first = await hand_in(client, keyed, data)
    monkeypatch.setattr(uploads, "MOST_UNFINISHED", 0)
    again = await hand_in(client, keyed, data)
    assert (again.status_code, again.json()) == (202, first.json()), again.text
    assert (await hand_in(client, people.partner, data)).status_code == 409


@pytest.mark.parametrize("begins", ["=", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
async def test_no_cell_of_a_report_is_a_formula_though_a_reason_begins_with_what_was_sent(
    client: AsyncClient, people: People, begins: str
) -> None:
    header = ("gtin", "kg_co2e_per_unit", "functional_unit", "boundary", "standard", "region", "valid_from")
    row = (f'{begins}HYPERLINK("//x")', "3.5", "kg", "cradle-to-gate", "ISO 14067", "CN", "2026-01-01")
    kept = await hand_in(client, people.partner, csv_of(header, [row]), kind="footprints")
    await worked_through(UUID(kept.json()["id"]))
    report = await client.get(f"{kept.headers['Location']}/report.csv", headers=people.partner)
    cells = [cell for line in csv.reader(io.StringIO(report.text.removeprefix("\ufeff"))) for cell in line]
    assert any("HYPERLINK" in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(tuple("=+-@\uff1d\uff0b\uff0d\uff20"))]


async def test_the_same_key_with_the_same_form_is_answered_again_though_its_boundary_differs(
    client: AsyncClient, people: People
) -> None:
    data, key = csv_of(HEADER, [(fresh_gtin(), "茶", "")]), {"Idempotency-Key": new_id().hex}
    first = await hand_in(client, people.partner | key, data)
    again = await hand_in(client, people.partner | key, data)
    assert (again.status_code, again.json()["id"]) == (202, first.json()["id"])
    assert again.headers["Idempotent-Replayed"] == "true"
    other = await hand_in(client, people.partner | key, data + b"1,2,3\n")
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")


async def test_others_do_not_see_an_import(client: AsyncClient, people: People) -> None:
    kept = await hand_in(client, people.partner, csv_of(HEADER, []))
    async with db.transaction() as session:
        _, stranger = await as_partner(session, people.programme)
    for path in (kept.headers["Location"], f"{kept.headers['Location']}/report.csv"):
        for who in (stranger, people.staff):
            assert (await client.get(path, headers=who)).status_code == 404
    assert (await client.get("/v1/imports", headers=stranger)).json() == {"imports": [], "next_cursor": None}


async def test_a_kind_takes_its_own_scope_and_baselines_are_for_operators(client: AsyncClient, people: People) -> None:
    async with db.transaction() as session:
        _, products_only = await as_partner(session, people.programme, [Scope.PRODUCTS_WRITE])
        _, sales_only = await as_partner(session, people.programme, [Scope.SALES_WRITE])
        auditor = await as_staff(session, people.programme, email=f"{new_id().hex}@example.org", role=Role.AUDITOR)
    data = csv_of(HEADER, [])
    tries = [
        (people.partner, "footprints", 202),
        (people.partner, "baselines", 403),
        (products_only, "products", 202),
        (products_only, "footprints", 403),
        (sales_only, "products", 403),
        (people.staff, "baselines", 202),
        (people.staff, "certificates", 403),
        (products_only, "applications", 202),
        (sales_only, "applications", 403),
        (people.staff, "applications", 403),
        (auditor, "baselines", 403),
    ]
    found = [(await hand_in(client, who, data, kind=kind)).status_code for who, kind, _ in tries]
    assert found == [expected for _, _, expected in tries]


async def test_a_form_that_can_not_be_used_is_refused_field_by_field(client: AsyncClient, people: People) -> None:
    data = csv_of(HEADER, [])
    for fields, pointer in (
        ({"kind": "people"}, "#/kind"),
        ({"dry_run": "perhaps"}, "#/dry_run"),
        ({"encoding": "latin-1"}, "#/encoding"),
        ({"dryrun": "true"}, "#/dryrun"),
    ):
        refused = await hand_in(client, people.partner, data, **fields)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
    missing = await client.post(
        "/v1/imports", headers=people.partner, data={"kind": "products"}, files={"other": ("a.csv", data)}
    )
    assert missing.status_code == 422
    as_json = await client.post("/v1/imports", headers=people.partner, json={"kind": "products"})
    assert (as_json.status_code, "multipart/form-data" in as_json.json()["detail"]) == (415, True)
    broken = await client.post(
        "/v1/imports",
        headers=people.partner | {"Content-Type": "multipart/form-data; boundary=x"},
        content=b"no form at all",
    )
    assert broken.status_code in {400, 422}


async def test_a_file_larger_than_a_json_body_may_be_is_taken_and_one_beyond_the_limit_is_not(
    client: AsyncClient, people: People
) -> None:
    line = b"9521234543213," + b"x" * 100 + b"\n"
    taken = await hand_in(client, people.partner, b"gtin,name_zh\n" + line * 30_000)
    assert (taken.status_code, taken.json()["size_bytes"] > 3_000_000) == (202, True)
    refused = await hand_in(client, people.partner, b"x" * 20_000_001)
    assert (refused.status_code, refused.json()["type"]) == (413, "/problems/body-too-large")
