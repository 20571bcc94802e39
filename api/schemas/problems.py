"""Problem documents (RFC 9457)."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field


class ProblemAt(BaseModel):
    """One value that can not be used."""

    part: Literal["body", "query", "path", "header", "cookie"] = Field(alias="in", description="Part of the request.")
    pointer: str = Field(description="JSON pointer into that part.", examples=["#/lines/0/quantity"])
    detail: str = Field(description="What it must be.")


class Problem(BaseModel):
    """What went wrong and what to do about it; `type` is stable and has a page that explains it."""

    type: str = Field(examples=["/problems/invalid-request"])
    title: str = Field(examples=["Invalid request"])
    status: Annotated[int, Field(ge=400, le=599)]
    detail: str
    instance: str = Field(description="Path of the request.")
    request_id: str = Field(description="Quote it when you report the problem; also in `X-Request-ID`.")
    reason: str | None = Field(
        None, description="For a code that is none: a stable word for why.", examples=["bad_check_digit"]
    )
    errors: list[ProblemAt] | None = Field(
        None, description="For an invalid request: every value that can not be used."
    )
