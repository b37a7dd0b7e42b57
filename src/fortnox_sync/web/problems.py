"""Problems as RFC 9457 tells them: what happened, why, and what to do, with a code for programs."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from fortnox_sync.runtime.telemetry import log

MEDIA_TYPE = "application/problem+json"


class FieldError(BaseModel):
    """Where a body is wrong, and how."""

    at: str = Field(description="Path of the field, such as `body.start_on`.")
    message: str = Field(description="What is wrong with it.")


class ProblemDocument(BaseModel):
    """An RFC 9457 problem."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(default="about:blank", description="Always `about:blank`: `code` tells problems apart.")
    title: str = Field(description="What happened, for people.")
    status: int = Field(description="The HTTP status once more.")
    code: str = Field(description="What happened, for programs.")
    detail: str | None = Field(default=None, description="What to do about it, for people.")
    errors: list[FieldError] | None = Field(default=None, description="Where a request is wrong.")


class Problem(Exception):  # noqa: N818 - in this house an exception that is an HTTP answer is a problem
    """An answer other than the one asked for."""

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        title: str,
        detail: str | None = None,
        *,
        headers: dict[str, str] | None = None,
        **facts: Any,  # noqa: ANN401 - extension members of the problem document
    ) -> None:
        """Say it in words; `facts` become members of the document."""
        super().__init__(title)
        self.status = status
        self.document = {"code": code, "title": title, "detail": detail, **facts}
        self.headers = headers

    def answer(self) -> JSONResponse:
        """Return the problem as a response."""
        return _answer(self.status, self.document, self.headers)


def not_found(what: str = "Not found") -> Problem:
    """Answer for what is not there, and for what is another company's: the same."""
    return Problem(HTTPStatus.NOT_FOUND, "not_found", what, "Check the address; it may be another company's.")


def install(app: FastAPI) -> None:
    """Turn every error of the app into a problem document."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(Exception, _on_bug)


def responses(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """Declare the problems an endpoint may answer with, for OpenAPI."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}
    return {
        int(status): {"model": ProblemDocument, "description": status.phrase, "content": content}
        for status in statuses
    }


def _answer(status: int, document: dict[str, Any], headers: dict[str, str] | None = None) -> JSONResponse:
    full = {"type": "about:blank", "status": int(status)} | {
        key: value for key, value in document.items() if value is not None
    }
    return JSONResponse(full, status, headers, media_type=MEDIA_TYPE)


async def _on_problem(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)  # noqa: S101 - Starlette hands over what it was registered for
    return error.answer()


async def _on_http(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - as above
    if error.status_code == HTTPStatus.BAD_REQUEST:  # FastAPI's word for a body that is no UTF-8
        return _invalid([{"at": "body", "message": "JSON decode error"}])
    phrase = HTTPStatus(error.status_code).phrase
    # Python has renamed this one; a code for programs stays as it is.
    too_large = error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "too_large" if too_large else phrase.lower().replace(" ", "_")
    document = {"code": code, "title": phrase, "detail": None if error.detail == phrase else error.detail}
    return _answer(error.status_code, document, dict(error.headers) if error.headers else None)


async def _on_invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as above
    return _invalid([{"at": ".".join(str(p) for p in e["loc"]), "message": e["msg"]} for e in error.errors()])


def _invalid(errors: list[dict[str, str]]) -> JSONResponse:
    document = {
        "code": "invalid_request",
        "title": "The request can't be understood.",
        "detail": "Mend the fields named in errors and send it again.",
        "errors": errors,
    }
    return _answer(HTTPStatus.UNPROCESSABLE_ENTITY, document)


async def _on_bug(request: Request, error: Exception) -> JSONResponse:
    log.error("web.bug", path=request.url.path, exc_info=error)
    document = {
        "code": "internal_error",
        "title": "Something went wrong on our side.",
        "detail": "Nothing was lost. Try again; if it stays, tell support the time and the address.",
    }
    return _answer(HTTPStatus.INTERNAL_SERVER_ERROR, document)
