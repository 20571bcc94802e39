"""From what the registry made of a row to what is answered: 201, 200 when it was there, or a problem."""

from fastapi import Response

from api.schemas.products import Registration
from labels.catalogue import Registered, Rejected, Result, Unchanged
from labels.errors import DuplicateRecordError, InvalidRecordError

EXAMPLE = {"id": "019a8f10-1c2b-7d3e-8f40-5a6b7c8d9e0f", "status": "accepted"}


def registration(result: Result, response: Response) -> Registration:
    """Return what was registered; `response` becomes a 200 when it had been before.

    Raises:
        DuplicateRecordError: when it is registered with other values.
        InvalidRecordError: when a field can not be used.
    """
    standing = accepted(result)
    if isinstance(standing, Registered):
        return Registration.model_validate({"id": str(standing.id), "status": standing.status})
    response.status_code = 200
    return Registration(id=str(standing.id), status="unchanged")


def accepted(result: Result) -> Registered | Unchanged:
    """Return what stands in the registry, now or before.

    Raises:
        DuplicateRecordError: when it is registered with other values.
        InvalidRecordError: when a field can not be used.
    """
    if isinstance(result, Rejected):
        error = DuplicateRecordError if result.taken else InvalidRecordError
        raise error(f"{result.field}: {result.reason}", field=result.field)
    return result
