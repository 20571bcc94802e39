"""The catalogue of problems, one page for each type, in Chinese and English."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from api.problem_types import CATALOGUE
from api.rendering import page
from api.routing import Route

router = APIRouter(prefix="/problems", tags=["operation"], route_class=Route, default_response_class=HTMLResponse)


@router.get("", summary="List the problems this API answers with")
async def list_problems() -> HTMLResponse:
    """Show every problem type."""
    return page("problems/index.html", problems=CATALOGUE.values())


@router.get("/{slug}", summary="Explain one problem")
async def show_problem(slug: Annotated[str, Path(max_length=60, examples=["not-found"])]) -> HTMLResponse:
    """Show what a problem means and what to do about it."""
    problem = CATALOGUE.get(slug)
    if problem is None:
        raise HTTPException(404)
    return page("problems/problem.html", problem=problem)
