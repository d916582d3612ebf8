"""Every error as RFC 9457 problem details. No stack trace, no class name and no input goes out."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from intelligence.history import Unavailable


def problem(
    request: Request, status: int, detail: str, headers: Mapping[str, str] | None = None, **members: Any
) -> Response:
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        # As it came, still percent-encoded.
        "instance": request.scope["raw_path"].decode("ascii"),
        "requestId": request.state.request_id,
        **members,
    }
    # json.dumps escapes what UTF-8 can't hold (a lone surrogate in the name of a field).
    return Response(json.dumps(body), status, headers, media_type="application/problem+json")


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    details = {
        404: "There is nothing at this path.",
        405: f"This path does not support {request.method}; see the Allow header.",
        413: "The request body is larger than 64 KiB.",
        415: "The request body has to be JSON, with the media type application/json.",
    }
    return problem(request, error.status_code, details.get(error.status_code, error.detail), error.headers)


async def _validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if any(e["type"] == "json_invalid" for e in error.errors()):
        return problem(request, 400, "The request body is not valid JSON.")
    errors = [{"field": ".".join(map(str, e["loc"][1:])) or "body", "message": e["msg"]} for e in error.errors()]
    return problem(request, 422, "The request has invalid fields; see errors.", errors=errors)


async def _unavailable(request: Request, error: Exception) -> Response:
    return problem(request, 503, "The order history can't be read at the moment.", {"Retry-After": "1"})


def install(app: FastAPI) -> None:
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(Unavailable, _unavailable)
