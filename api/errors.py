"""What can go wrong between a request and a use case. Each class has its row in api/problems.py."""


class ApiError(Exception):
    """The request could not be carried out."""

    def __init__(self, detail: str | None = None) -> None:
        super().__init__(detail or self.__doc__)


class MalformedRequestError(ApiError):
    """The request is not well-formed; the detail says where."""


class UnsupportedMediaTypeError(ApiError):
    """The body must be JSON: send it with `Content-Type: application/json`."""


class BodyTooLargeError(ApiError):
    """The body is larger than this service reads. Split it into several requests."""


class NotAuthenticatedError(ApiError):
    """Say who you are: send `Authorization: Bearer` with a token or key that is valid now."""


class ForbiddenError(ApiError):
    """You are known, but this is not for you; the detail says who may do it."""


class InvalidParameterError(ApiError):
    """A value can not be used; `pointer` says which one in which part (body, query, path or header) of the request."""

    def __init__(self, detail: str, *, pointer: str, part: str = "query") -> None:
        super().__init__(detail)
        self.pointer = pointer
        self.part = part


class RetryLaterError(ApiError):
    """Not now; ask again after `retry_after` seconds."""

    def __init__(self, detail: str | None = None, *, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class TooManyRequestsError(RetryLaterError):
    """Too many attempts. Wait as long as `Retry-After` says."""


class MissingFontError(ApiError):
    """This machine has no font with Chinese, so no PNG can be drawn. Ask for SVG, or install Noto Sans CJK."""


class MissingCharactersError(ApiError):
    """The fonts here can not draw some characters of this label; the detail says which."""


class BusyError(RetryLaterError):
    """The service has more work than it can take right now. Wait as long as `Retry-After` says, then send it again."""
