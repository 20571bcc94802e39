"""Certificates over HTTP, as a certifier registers them and records what happens to them."""

from httpx import AsyncClient, Response

from core.ids import new_id


async def register(
    client: AsyncClient, headers: dict[str, str], gtin: str, scheme: str = "cn.low_carbon", prefix: str = "CL-"
) -> str:
    """Register a certificate that holds from 2026 to the end of 2028, and return its number."""
    number = f"{prefix}{new_id().hex}"
    body = {
        "number": number,
        "scheme": scheme,
        "kind": "low_carbon",
        "gtin": gtin,
        "valid_from": "2026-01-01",
        "valid_until": "2029-01-01",
    }
    response = await client.post("/v1/certificates", json=body, headers=headers)
    assert response.status_code == 201, response.text
    return number


async def happen(
    client: AsyncClient, headers: dict[str, str], number: str, kind: str, day: str, **more: str
) -> Response:
    """Record an event of a certificate."""
    body = {"kind": kind, "effective_on": day, "reason": "As found.", **more}
    return await client.post(f"/v1/certificates/{number}/events", json=body, headers=headers)
