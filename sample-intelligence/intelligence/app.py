"""The application: its endpoints, its start and its end."""

import asyncio
import email.message
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import FrameType
from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from intelligence import SERVICE, history, logs, metrics, problems, scoring, settings, web

log = logging.getLogger(__name__)


class Order(BaseModel):
    # Fields that this version does not know are ignored: the API may be a version ahead during a rollout.
    model_config = ConfigDict(alias_generator=to_camel)

    order_id: UUID | None = None
    # PostgreSQL's text holds any character but NUL.
    customer_id: str = Field(min_length=1, max_length=64, pattern=r"^[^\x00]*$")
    amount: int = Field(strict=True, ge=0, le=2**63 - 1, description="In minor units")
    currency: str = Field(pattern="^[A-Z]{3}$")


class Insight(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True)

    customer_id: str
    currency: str
    count: int = Field(description="How many orders of the history were used")
    assessment: scoring.Assessment
    expected_amount: int | None = Field(description="The median, in minor units")
    deviation: int | None = Field(description="amount - expectedAmount")
    anomaly_score: float | None
    method: str = scoring.METHOD


def json_only(request: Request) -> None:
    message = email.message.Message()
    message["content-type"] = request.headers.get("content-type", "")
    kind = message.get_content_type()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise HTTPException(415)


def _history(request: Request) -> history.History:
    found: history.History = request.app.state.history
    return found


History = Annotated[history.History, Depends(_history)]


async def insights(order: Order, history: History) -> Insight:
    amounts = await history.amounts(order.customer_id, order.currency, excluding=order.order_id)
    score = scoring.score(order.amount, amounts)
    metrics.assessments.labels(score.assessment).inc()
    return Insight(
        customer_id=order.customer_id,
        currency=order.currency,
        count=len(amounts),
        assessment=score.assessment,
        expected_amount=score.expected,
        deviation=score.deviation,
        anomaly_score=score.anomaly,
    )


async def health() -> dict[str, str]:
    """This process can serve; says nothing about what it depends on."""
    return {"status": "UP"}


async def ready(request: Request, source: History) -> Response:
    """Orders can be scored. Redis is not asked: without it answers are slower, not wrong."""
    up = not request.app.state.draining
    if up:
        try:
            await source.check()
        except history.Unavailable:
            up = False
    return JSONResponse({"status": "UP" if up else "DOWN"}, 200 if up else 503)


async def prometheus() -> Response:
    return Response(metrics.exposition(), media_type=CONTENT_TYPE_LATEST)


def create_app() -> FastAPI:
    """One worker's application. `python -m intelligence` has checked the settings before."""
    configuration = settings.load()
    logs.configure(configuration.log_format, configuration.log_file)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        _drain_on_sigterm(app, configuration.shutdown_delay)
        async with history.connect(configuration) as app.state.history:
            yield

    docs = configuration.intelligence_docs
    app = FastAPI(
        title=SERVICE,
        lifespan=lifespan,
        redirect_slashes=False,
        openapi_url="/openapi.json" if docs else None,
        docs_url="/docs" if docs else None,
        redoc_url=None,
    )
    app.state.draining = False
    app.post("/v1/insights", response_model=Insight, dependencies=[Depends(json_only)])(insights)
    app.get("/health")(health)
    app.get("/ready")(ready)
    app.get("/metrics")(prometheus)
    problems.install(app)
    app.add_middleware(web.LimitedBody)
    app.add_middleware(web.Observed)  # The last one added is the outermost.
    return app


def _drain_on_sigterm(app: FastAPI, delay: float) -> None:
    """On SIGTERM /ready says 503 for `delay` seconds while everything is served; then uvicorn stops listening, lets
    what it accepted finish (at most `__main__.DRAIN` seconds) and ends the process."""
    uvicorn = signal.getsignal(signal.SIGTERM)
    if not callable(uvicorn):  # Another server, or a test: nothing to put off.
        return
    loop = asyncio.get_running_loop()

    def begin() -> None:
        if not app.state.draining:
            app.state.draining = True
            log.info("SIGTERM: not ready any more, shutting down in %.1f s", delay)
            loop.call_later(delay, uvicorn, signal.SIGTERM, None)

    def on_sigterm(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(begin)

    signal.signal(signal.SIGTERM, on_sigterm)
