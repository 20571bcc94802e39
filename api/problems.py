"""Every failure becomes a problem document (RFC 9457): one table says which exception is which problem."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api import errors
from api import problem_types as types
from api.invalid_values import problem_at
from api.negotiation import best, preferences
from api.problem_types import CATALOGUE, ProblemType
from api.readers import reader_of, shown
from core.db import DatabaseNotConfiguredError
from core.redis import RedisNotConfiguredError
from labels import errors as labels_errors
from labels.wording import Language
from points import errors as points_errors

MEDIA_TYPE: Final = "application/problem+json"
_JSON: Final = "application/json"
_HTML: Final = "text/html"
_RETRY_SECONDS: Final = 1
_MOST_ERRORS_LISTED: Final = 50
_WITHOUT_BODY: Final = frozenset({"GET", "HEAD"})

BY_EXCEPTION: Final[Mapping[type[Exception], ProblemType]] = {
    errors.MalformedRequestError: types.MALFORMED,
    errors.UnsupportedMediaTypeError: types.UNSUPPORTED_MEDIA_TYPE,
    errors.BodyTooLargeError: types.TOO_LARGE,
    errors.NotAuthenticatedError: types.NOT_AUTHENTICATED,
    errors.ForbiddenError: types.FORBIDDEN,
    errors.InvalidParameterError: types.INVALID,
    errors.RetryLaterError: types.UNAVAILABLE,
    errors.MissingFontError: types.FONT_MISSING,
    errors.MissingCharactersError: types.UNPRINTABLE,
    errors.TooManyRequestsError: types.TOO_MANY_REQUESTS,
    errors.BusyError: types.UNAVAILABLE,
    errors.ApiError: types.MALFORMED,
    labels_errors.InvalidCodeError: types.INVALID_CODE,
    labels_errors.UnknownProductError: types.NOT_FOUND,
    labels_errors.UnknownLinkError: types.NOT_FOUND,
    labels_errors.UnknownUnitError: types.NOT_FOUND,
    labels_errors.UnknownSeriesError: types.NOT_FOUND,
    labels_errors.SeriesRevokedError: types.CONFLICT,
    labels_errors.MissingUnitKeyError: types.CONFLICT,
    labels_errors.UnknownFootprintError: types.NOT_FOUND,
    labels_errors.UnknownCertificateError: types.NOT_FOUND,
    labels_errors.UnknownMarkError: types.NOT_FOUND,
    labels_errors.UnknownApplicationError: types.NOT_FOUND,
    labels_errors.UnknownCategoryError: types.NOT_FOUND,
    labels_errors.UnknownDraftError: types.NOT_FOUND,
    labels_errors.UnknownFactorError: types.NOT_FOUND,
    labels_errors.UnknownBaselineError: types.NOT_FOUND,
    labels_errors.AlreadyDecidedError: types.CONFLICT,
    labels_errors.NoLabelError: types.NO_LABEL,
    labels_errors.InvalidRecordError: types.INVALID,
    labels_errors.DuplicateRecordError: types.DUPLICATE,
    labels_errors.UnreadableTableError: types.INVALID,
    labels_errors.UnknownImportError: types.NOT_FOUND,
    labels_errors.TooManyImportsError: types.CONFLICT,
    labels_errors.ImportEndedError: types.CONFLICT,
    labels_errors.ImportCancelledError: types.CONFLICT,
    labels_errors.LabelsError: types.CONFLICT,
    points_errors.UnknownProgrammeError: types.NOT_FOUND,
    points_errors.NotFoundError: types.NOT_FOUND,
    points_errors.InvalidInputError: types.INVALID,
    points_errors.StateConflictError: types.CONFLICT,
    points_errors.BudgetsShortError: types.CONFLICT,
    points_errors.KeyReusedError: types.KEY_REUSED,
    points_errors.RequestInProgressError: types.IN_PROGRESS,
    points_errors.SoldOutError: types.SOLD_OUT,
    points_errors.NotEnoughPointsError: types.NOT_ENOUGH_POINTS,
    points_errors.RewardClosedError: types.REWARD_CLOSED,
    points_errors.ReservationLapsedError: types.RESERVATION_LAPSED,
    points_errors.ReceiptAlreadyClaimedError: types.RECEIPT_ALREADY_CLAIMED,
    points_errors.PointsError: types.CONFLICT,
    RequestValidationError: types.INVALID,
    DatabaseNotConfiguredError: types.UNAVAILABLE,
    RedisNotConfiguredError: types.UNAVAILABLE,
    OperationalError: types.UNAVAILABLE,
    InterfaceError: types.UNAVAILABLE,
    PoolTimeoutError: types.UNAVAILABLE,
    RedisConnectionError: types.UNAVAILABLE,
    RedisTimeoutError: types.UNAVAILABLE,
    ConnectionError: types.UNAVAILABLE,
    Exception: types.INTERNAL,
}
"""Which problem an exception is; the nearest class up its inheritance decides."""

_BY_STATUS: Final = {row.status: row for row in reversed(CATALOGUE.values())}
_BY_STATUS[409], _BY_STATUS[422] = types.CONFLICT, types.INVALID

_log = structlog.get_logger("api")


def type_of(exception: Exception) -> ProblemType:
    """Return the row of the catalogue that `exception` is."""
    if isinstance(exception, HTTPException):
        return _BY_STATUS.get(
            exception.status_code, types.INTERNAL if exception.status_code >= types.INTERNAL.status else types.MALFORMED
        )
    return next(BY_EXCEPTION[cls] for cls in type(exception).__mro__ if cls in BY_EXCEPTION)


def document(
    problem: ProblemType,
    detail: str,
    *,
    instance: str,
    request_id: str,
    chinese: bool = False,
    reason: str | None = None,
    problems_at: Sequence[Mapping[str, str]] = (),
) -> bytes:
    """Return the problem document as JSON bytes; `problems_at` are the entries of `errors`."""
    members: dict[str, Any] = {
        "type": problem.uri,
        "title": problem.title_zh if chinese else problem.title_en,
        "status": problem.status,
        "detail": detail,
        "instance": instance,
        "request_id": request_id,
    }
    if reason is not None:
        members["reason"] = reason
    if problems_at:
        members["errors"] = problems_at
    return orjson.dumps(members)


def response_for(request: Request, exception: Exception) -> Response:
    """Return the response that answers `request` for `exception`: a page for browsers, else a problem document."""
    problem = type_of(exception)
    if best(preferences(request.headers.get("accept", "")), (MEDIA_TYPE, _JSON, _HTML)) == _HTML:
        return _page_for(request, problem, exception)
    body = document(
        problem,
        _detail(problem, exception),
        instance=request.scope["path"],
        request_id=request.scope.get("request_id", ""),
        chinese=request.headers.get("accept-language", "").lower().startswith("zh"),
        reason=exception.reason if isinstance(exception, labels_errors.InvalidCodeError) else None,
        problems_at=_problems_at(request, exception),
    )
    return Response(body, problem.status, headers=_headers(problem, exception), media_type=MEDIA_TYPE)


def _page_for(request: Request, problem: ProblemType, exception: Exception) -> Response:
    """Return what a person with a browser reads, in their language."""
    chinese = reader_of(request).language is Language.CHINESE
    response = shown(
        request,
        "problems/refusal.html",
        status=problem.status,
        problem=problem,
        title=problem.title_zh if chinese else problem.title_en,
        remedy=problem.remedy_zh if chinese else problem.remedy_en,
        detail=_detail(problem, exception),
        request_id=request.scope.get("request_id", ""),
    )
    response.headers.update(_headers(problem, exception))
    return response


def _detail(problem: ProblemType, exception: Exception) -> str:
    """Return what a person may read: our own errors' words, never those of a library or of the database."""
    if isinstance(exception, RequestValidationError):
        return f"{len(exception.errors())} value(s) can not be used; see `errors`."
    if isinstance(exception, (errors.ApiError, labels_errors.LabelsError, points_errors.PointsError)):
        return str(exception)
    return problem.remedy_en


def _headers(problem: ProblemType, exception: Exception) -> dict[str, str]:
    headers = dict(exception.headers or {}) if isinstance(exception, HTTPException) else {}
    if problem.status == types.NOT_AUTHENTICATED.status:
        headers["WWW-Authenticate"] = 'Bearer realm="tanhui"'
    if isinstance(exception, errors.RetryLaterError):
        headers["Retry-After"] = str(exception.retry_after)
    elif problem.status == types.UNAVAILABLE.status:
        headers["Retry-After"] = str(_RETRY_SECONDS)
    return headers


def _problems_at(request: Request, exception: Exception) -> list[dict[str, str]]:
    if isinstance(exception, errors.InvalidParameterError):
        return [{"in": exception.part, "pointer": exception.pointer, "detail": str(exception)}]
    if isinstance(exception, (labels_errors.LabelsError, points_errors.PointsError)) and "field" in exception.context:
        name = str(exception.context["field"])
        return [{"in": _part_with(request, name), "pointer": f"#/{name}", "detail": str(exception)}]
    if isinstance(exception, RequestValidationError):
        return [problem_at(error, exception.body) for error in exception.errors()[:_MOST_ERRORS_LISTED]]
    return []


def _part_with(request: Request, name: str) -> str:
    """Return where a value that a use case refuses came from: it knows its name, and not how it was asked."""
    if name in request.path_params:
        return "path"
    return "query" if request.method in _WITHOUT_BODY else "body"


async def _answer(request: Request, exception: Exception) -> Response:
    problem = type_of(exception)
    if problem.status == types.UNAVAILABLE.status and not isinstance(exception, errors.ApiError):
        _log.warning("unavailable", cause=repr(exception))
    return response_for(request, exception)


async def _answer_unexpected(request: Request, exception: Exception) -> Response:
    """Answer what nobody foresaw. Starlette raises it again afterwards, so the server's log has the traceback."""
    request_id = request.scope.get("request_id", "")
    _log.error("unexpected", request_id=request_id, path=request.scope["path"], exc_info=exception)
    response = response_for(request, exception)
    response.headers["X-Request-ID"] = request_id
    return response


def install(app: FastAPI) -> None:
    """Make `app` answer every exception of the table with its problem document."""
    for exception_class in (*BY_EXCEPTION, HTTPException):
        app.add_exception_handler(exception_class, _answer if exception_class is not Exception else _answer_unexpected)
