"""What surrounds every request, as plain ASGI: its ids, its log line, its metrics, and the limit on its body."""

import logging
import re
import secrets
import time
import uuid

from opentelemetry.trace import get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from intelligence import logs, metrics
from intelligence.problems import problem

log = logging.getLogger("intelligence.requests")

LARGEST_BODY = 64 * 1024

_traceparent = TraceContextTextMapPropagator()


class Observed:
    """Gives a request its ids, writes its line, counts it, and answers what nobody caught with a 500."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        request = Request(scope)
        request.state.request_id = _request_id(request.headers)
        http_request = {"id": request.state.request_id}
        logs.request_fields.set({**_trace(request.headers), "http": {"request": http_request}})
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request.state.request_id
                if scope["app"].state.draining:
                    # Clients with pooled connections take their next request elsewhere.
                    headers["Connection"] = "close"
            await send(message)

        try:
            await self.app(scope, receive, answer)
        except Exception:
            if status:  # Too late for another answer: uvicorn logs it and closes the connection.
                raise
            log.exception("Unexpected error")
            await problem(request, 500, "Something went wrong here; it has been logged.")(scope, receive, answer)
        finally:
            seconds = time.perf_counter() - started
            route = getattr(scope.get("route"), "path", "UNKNOWN")
            metrics.requests.labels(request.method, route, str(status)).observe(seconds)
            path = scope["raw_path"].decode("ascii")
            fields = {
                "http": {
                    "request": {**http_request, "method": request.method},
                    "response": {"status_code": status},
                },
                "url": {"path": path},
                "event": {"duration": int(seconds * 1e9)},  # ECS: nanoseconds.
            }
            log.info("%s %s %d in %.1f ms", request.method, path, status, seconds * 1e3, extra={"fields": fields})


class LimitedBody:
    """Refuses a larger body before it is in memory, whether or not the client said how large it is."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        received = 0

        async def limited() -> Message:
            nonlocal received
            if announced > LARGEST_BODY:
                raise HTTPException(413)
            message = await receive()
            received += len(message.get("body", b""))
            if received > LARGEST_BODY:
                raise HTTPException(413)
            return message

        if scope["type"] == "http":
            # The server has refused a length that is not a number.
            announced = int(Headers(scope=scope).get("content-length", "0"))
            await self.app(scope, limited, send)
        else:
            await self.app(scope, receive, send)


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if re.fullmatch(r"[A-Za-z0-9._-]{1,64}", given) else str(uuid.uuid4())


def _trace(headers: Headers) -> dict[str, dict[str, str]]:
    """The caller's trace, or a new one; this request is a span of its own in it."""
    caller = get_current_span(_traceparent.extract(headers)).get_span_context()
    trace_id = f"{caller.trace_id:032x}" if caller.is_valid else secrets.token_hex(16)
    parent = {"parent": {"id": f"{caller.span_id:016x}"}} if caller.is_valid else {}
    return {"trace": {"id": trace_id}, "span": {"id": secrets.token_hex(8)}, **parent}
