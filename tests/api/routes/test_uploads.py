import csv
import io
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from httpx import AsyncClient
from sqlmodel import func, select

from api import importing
from api import uploads as arriving
from core import clock, db
from core.ids import new_id
from core.settings import settings
from labels.import_jobs import uploads
from labels.import_jobs.tables import ImportJob, ImportPart
from points.programmes.access import Scope, issue_key
from points.residents.tables import Resident
from tests.api.conftest import People
from tests.factories.identities import as_partner, bearing
from tests.factories.import_jobs import worked_through
from tests.factories.labels import Labelled
from tests.factories.programmes import make_programme
from tests.factories.sales_files import sales_csv

UPLOAD = "/v1/imports/uploads?kind=sales&filename=till.csv"


async def lines(people: People, labelled: Labelled, count: int = 3) -> bytes:
    async with db.transaction() as session:
        query = select(Resident.member_code).where(Resident.resident_id == people.resident_id)
        member_code = (await session.exec(query)).one()
    moment = clock.now().isoformat()
    return sales_csv((f"r{new_id().hex}", n + 1, member_code, labelled.gtin, 1, moment) for n in range(count))


async def test_a_file_is_uploaded_credited_and_every_line_told(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    data = await lines(people, labelled) + b"r,x,,1,1,now\n"
    kept = await client.post(UPLOAD, content=data, headers=people.partner)
    assert kept.status_code == 202, kept.text
    job = kept.json()
    assert (job["kind"], job["state"], job["size_bytes"], job["filename"]) == (
        "sales",
        "waiting",
        len(data),
        "till.csv",
    )
    await worked_through(UUID(job["id"]))
    done = (await client.get(kept.headers["Location"], headers=people.partner)).json()
    assert (done["state"], done["rows_done"], done["rows_total"], done["refused"]) == ("done", 4, 4, 1)
    assert (done["sales"]["credited"], done["sales"]["unreadable"], done["sales"]["grams"]) == (3, 1, 3000)
    report = await client.get(f"{kept.headers['Location']}/report.csv", headers=people.partner)
    rows = list(csv.DictReader(io.StringIO(report.text.removeprefix("\ufeff"))))
    assert [(row["row"], row["outcome"], row["field"]) for row in rows] == [
        ("2", "credited", ""),
        ("3", "credited", ""),
        ("4", "credited", ""),
        ("5", "unreadable", "line,sold_at"),
    ]


async def test_a_file_without_anything_in_it_ends_at_once_and_says_why(client: AsyncClient, people: People) -> None:
    kept = await client.post(UPLOAD, content=b"", headers=people.partner)
    assert (kept.status_code, kept.json()["size_bytes"]) == (202, 0), kept.text
    await worked_through(UUID(kept.json()["id"]))
    shown = (await client.get(kept.headers["Location"], headers=people.partner)).json()
    assert (shown["state"], shown["rows_done"]) == ("failed", 0)
    assert shown["failure"] == "The file is empty: its first row must name the columns."
    report = await client.get(f"{kept.headers['Location']}/report.csv", headers=people.partner)
    assert (report.status_code, len(report.text.splitlines())) == (200, 1)


@pytest.mark.parametrize("kind", ["sales", "products"])
async def test_a_file_of_a_header_alone_is_done_and_says_that_it_has_no_row(
    client: AsyncClient, people: People, kind: str
) -> None:
    data = sales_csv([]) if kind == "sales" else b"gtin,name_zh,name_en,brand,category_id,net_content\n"
    path = f"/v1/imports/uploads?kind={kind}&filename=x.csv"
    kept = await client.post(path, content=data, headers=people.partner)
    assert kept.json()["caveat"] is None  # nobody has looked at it yet
    await worked_through(UUID(kept.json()["id"]))
    shown = (await client.get(kept.headers["Location"], headers=people.partner)).json()
    assert (shown["state"], shown["failure"], shown["rows_total"]) == ("done", None, 0), shown
    assert shown["caveat"].startswith("The file has no row below its header")
    report = await client.get(f"{kept.headers['Location']}/report.csv", headers=people.partner)
    header, note = csv.reader(io.StringIO(report.text.removeprefix("\ufeff")))
    assert (len(note), note[3], note[-1]) == (len(header), "note", shown["caveat"])


async def test_a_file_of_blank_rows_is_done_and_says_that_they_are_all_blank(
    client: AsyncClient, people: People
) -> None:
    data = sales_csv([]) + b",,,,,\r\n" * 3
    kept = await client.post(UPLOAD, content=data, headers=people.partner)
    await worked_through(UUID(kept.json()["id"]))
    shown = (await client.get(kept.headers["Location"], headers=people.partner)).json()
    assert (shown["state"], shown["rows_total"], shown["sales"]["unreadable"]) == ("done", 3, 0), shown
    assert shown["caveat"].startswith("All rows of the file are blank")
    report = await client.get(f"{kept.headers['Location']}/report.csv", headers=people.partner)
    _, note = csv.reader(io.StringIO(report.text.removeprefix("\ufeff")))
    assert (note[3], note[-1]) == ("note", shown["caveat"])


async def test_the_same_key_with_the_same_file_is_answered_again_and_leaves_no_second_file(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    data, headers = await lines(people, labelled), people.partner | {"Idempotency-Key": new_id().hex}
    first = await client.post(UPLOAD, content=data, headers=headers)
    again = await client.post(UPLOAD, content=data, headers=headers)
    assert (again.status_code, again.json()["id"]) == (202, first.json()["id"])
    assert again.headers["Idempotent-Replayed"] == "true"
    other = await client.post(UPLOAD, content=data + b"\n", headers=headers)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")
    listed = (await client.get("/v1/imports", headers=people.partner)).json()["imports"]
    assert [each["id"] for each in listed] == [first.json()["id"]]


async def test_a_dry_run_of_more_lines_than_it_sees_at_once_says_so_and_one_of_fewer_does_not(
    client: AsyncClient, people: People, labelled: Labelled, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = await lines(people, labelled)
    monkeypatch.setattr(importing, "CHUNK_LINES", 3)
    for content, dry_run, is_told in (
        (data, "true", False),
        (data + data.split(b"\r\n", 1)[1], "true", True),
        (data + data.split(b"\r\n", 1)[1], "false", False),
    ):
        kept = await client.post(f"{UPLOAD}&dry_run={dry_run}", content=content, headers=people.partner)
        await worked_through(UUID(kept.json()["id"]))
        shown = (await client.get(kept.headers["Location"], headers=people.partner)).json()
        report = (await client.get(f"{kept.headers['Location']}/report.csv", headers=people.partner)).text
        last = list(csv.DictReader(io.StringIO(report.removeprefix("\ufeff"))))[-1]
        assert (shown["caveat"] is not None, last["outcome"] == "note") == (is_told, is_told), last
        if is_told:
            assert "about 2,000 lines at a time, all those of a member code within 20,000" in shown["caveat"]
            assert shown["caveat"] == last["detail"]


async def test_a_repeat_is_answered_though_no_more_files_may_wait_and_something_new_is_not_taken(
    client: AsyncClient, people: People, labelled: Labelled, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, headers = await lines(people, labelled), people.partner | {"Idempotency-Key": new_id().hex}
    first = await client.post(UPLOAD, content=data, headers=headers)
    monkeypatch.setattr(uploads, "MOST_UNFINISHED", 0)
    again = await client.post(UPLOAD, content=data, headers=headers)
    assert (again.status_code, again.json()) == (202, first.json()), again.text
    assert (again.headers["Idempotent-Replayed"], again.headers["Location"]) == ("true", first.headers["Location"])
    other = await client.post(UPLOAD, content=data + b"\n", headers=headers)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")
    for keyed in (people.partner, people.partner | {"Idempotency-Key": new_id().hex}):
        new = await client.post(UPLOAD, content=data, headers=keyed)
        assert (new.status_code, new.json()["type"]) == (409, "/problems/conflict")
    listed = (await client.get("/v1/imports", headers=people.partner)).json()["imports"]
    assert [each["id"] for each in listed] == [first.json()["id"]]


async def test_a_repeat_that_is_larger_than_any_file_may_be_is_not_read_to_its_end(
    client: AsyncClient, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = people.partner | {"Idempotency-Key": new_id().hex}
    assert (await client.post(UPLOAD, content=b"receipt\n", headers=headers)).status_code == 202
    with monkeypatch.context() as smaller:
        smaller.setenv("TANHUI_SALES_FILE_LIMIT_BYTES", "10000")
        settings.cache_clear()
        refused = await client.post(UPLOAD, content=b"x" * 10_001, headers=headers)
    settings.cache_clear()
    assert (refused.status_code, refused.json()["type"]) == (413, "/problems/body-too-large")


async def test_a_file_arrives_in_pieces_of_any_size_and_is_kept_whole(
    client: AsyncClient, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arriving, "PART_BYTES", 100)
    data = b"".join(b"%d\n" % number for number in range(1_000))

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(data), 177):
            yield data[start : start + 177]

    kept = await client.post(f"{UPLOAD}&dry_run=true", content=pieces(), headers=people.partner)
    assert kept.json()["size_bytes"] == len(data)
    async with db.transaction() as session:
        query = select(ImportPart.data).where(ImportPart.job_id == UUID(kept.json()["id"])).order_by("number")
        found = (await session.exec(query)).all()
    assert b"".join(found) in {data, b""}  # none where a worker was quicker


async def test_a_file_too_large_or_of_somebody_who_sells_nothing_is_refused_and_nothing_kept(
    client: AsyncClient, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as smaller:
        smaller.setenv("TANHUI_SALES_FILE_LIMIT_BYTES", "10000")
        settings.cache_clear()
        refused = await client.post(UPLOAD, content=b"x" * 10_001, headers=people.partner)
    settings.cache_clear()
    assert (refused.status_code, refused.json()["type"]) == (413, "/problems/body-too-large")
    async with db.transaction() as session:
        _, products_only = await as_partner(session, people.programme, [Scope.PRODUCTS_WRITE])
        left = select(func.count()).where(ImportJob.organization_id == people.organization_id)
        assert (await session.exec(left)).one() == 0
    for who in (products_only, people.staff):
        assert (await client.post(UPLOAD, content=b"x", headers=who)).status_code == 403
    assert (
        await client.post("/v1/imports/uploads?kind=people", content=b"x", headers=people.partner)
    ).status_code == 422


async def test_an_import_is_cancelled_once_and_by_its_owner_alone(client: AsyncClient, people: People) -> None:
    kept = await client.post(UPLOAD, content=b"receipt\n", headers=people.partner)
    address = f"{kept.headers['Location']}/cancellation"
    assert (await client.post(address, headers=people.staff)).status_code == 404
    ended = await client.post(address, headers=people.partner)
    assert (ended.status_code, ended.json().get("state")) in {
        (200, "cancelled"),
        (409, None),
    }  # a worker may be quicker
    assert (await client.post(address, headers=people.partner)).status_code == 409


async def test_another_key_of_the_organization_neither_sees_nor_ends_its_sales_of_this_programme(
    client: AsyncClient, people: People, labelled: Labelled
) -> None:
    async with db.transaction() as session:
        elsewhere = await make_programme(session)
        others = [
            bearing((await issue_key(session, each, people.organization_id, name="other", scopes=scopes)).secret)
            for each, scopes in (
                (elsewhere.programme_id, tuple(Scope)),
                (people.programme.programme_id, (Scope.PRODUCTS_WRITE,)),
            )
        ]
    kept = await client.post(UPLOAD, content=await lines(people, labelled), headers=people.partner)
    address = kept.headers["Location"]
    for other in others:
        assert (await client.get(address, headers=other)).status_code == 404
        assert (await client.get(f"{address}/report.csv", headers=other)).status_code == 404
        assert (await client.post(f"{address}/cancellation", headers=other)).status_code == 404
        assert (await client.get("/v1/imports", headers=other)).json()["imports"] == []
    assert len((await client.get("/v1/imports", headers=people.partner)).json()["imports"]) == 1
