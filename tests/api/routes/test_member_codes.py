from datetime import datetime, timedelta
from io import BytesIO

import resvg_py
import zxingcpp
from httpx import AsyncClient
from PIL import Image

from tests.api.conftest import People
from tests.api.routes.test_sales import line
from tests.factories.labels import Labelled

URL = "/v1/me/member-code"


async def test_the_code_shown_is_credited_at_the_till(client: AsyncClient, people: People, labelled: Labelled) -> None:
    shown = await client.get(URL, headers=people.resident)
    assert (shown.status_code, shown.headers["cache-control"]) == (200, "no-store")
    told = shown.json()
    body = {"lines": [line(labelled, 1, told["code"])]}
    [result] = (await client.post("/v1/sales", json=body, headers=people.partner)).json()["results"]
    assert (result["receipt"]["kind"], result["receipt"]["grams"]) == ("sale", 1000)
    issued, refresh, expires = (datetime.fromisoformat(told[at]) for at in ("issued_at", "refresh_after", "expires_at"))
    assert (refresh - issued, expires - issued) == (timedelta(seconds=60), timedelta(seconds=90))


async def test_a_scanner_reads_the_code_off_the_screen(client: AsyncClient, people: People) -> None:
    told = (await client.get(URL, headers=people.resident)).json()
    png = resvg_py.svg_to_bytes(svg_string=told["qr_svg"])
    read = zxingcpp.read_barcode(Image.open(BytesIO(bytes(png))))
    assert read is not None
    assert (read.text, read.format) == (told["code"], zxingcpp.BarcodeFormat.QRCode)


async def test_only_residents_have_a_code(client: AsyncClient, people: People) -> None:
    assert (await client.get(URL)).status_code == 401
    assert (await client.get(URL, headers=people.partner)).status_code == 403
