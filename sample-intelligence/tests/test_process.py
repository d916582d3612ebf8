"""The process itself: how it starts, what it writes, what it counts, how it ends."""

import asyncio
import io
import json
import logging
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from intelligence import logs, web
from tests.support import Databases, Service, eventually
from tests.test_problems import assert_problem

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"


def refused(service: Service) -> str:
    """The one line of a service that did not start."""
    assert service.process.wait(20) == 1
    (line,) = service.lines()
    assert line["log"]["level"] == "CRITICAL"
    assert "error" not in line
    message: str = line["message"]
    assert "Traceback" not in message
    return message


@pytest.mark.parametrize("workers", ["1", "3"])
@pytest.mark.parametrize(
    ("content", "found"),
    [(None, "found No such file"), ("", "found 0"), ("short", "found 5"), ("changeme" * 4, "found an example")],
)
def test_a_bad_secret_stops_the_start(
    start: Callable[..., Service], tmp_path: Path, workers: str, content: str | None, found: str
) -> None:
    (tmp_path / "postgres_intelligence_password").write_text("f3c1d0a94be27765f3c1d0a94be27765")
    if content is not None:
        (tmp_path / "redis_intelligence_password").write_text(content)
    message = refused(start(SECRETS_DIRECTORY=str(tmp_path), WEB_CONCURRENCY=workers))
    assert found in message
    assert str(tmp_path / "redis_intelligence_password") in message


def test_no_directory_of_secrets_stops_the_start(start: Callable[..., Service]) -> None:
    assert "/nowhere/postgres_intelligence_password" in refused(start(SECRETS_DIRECTORY="/nowhere"))


def test_a_bad_setting_stops_the_start(start: Callable[..., Service]) -> None:
    assert "REDIS_PORT='x'" in refused(start(REDIS_PORT="x"))


def test_a_taken_port_stops_the_start(start: Callable[..., Service], service: Service) -> None:
    message = refused(start(INTELLIGENCE_PORT=str(service.port)))
    assert f"127.0.0.1:{service.port}" in message
    assert "INTELLIGENCE_PORT" in message


def test_every_line_is_json_from_start_to_end(start: Callable[..., Service], databases: Databases) -> None:
    service = start(WEB_CONCURRENCY="2").started()
    with databases.postgres.cut(), databases.redis.cut():
        assert service.insight().status_code == 503
    service.http.get("/v1/%0d%0a{%22message%22:1}", headers={b"User-Agent": '"}\u2028{'.encode()})
    output = service.stop_and_read()
    messages = [line["message"] for line in output]
    for line in output:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["@timestamp"]), line
        assert {"level", "logger"} <= line["log"].keys()
        assert line["service"]["name"]
        assert line["process"]["pid"]
    # uvicorn's own lines, from both workers, are among them.
    for expected in ("Started parent process", "Started server process", "Shutting down", "Stopping parent process"):
        assert any(message.startswith(expected) for message in messages), messages
    assert len({line["process"]["pid"] for line in output}) == 3
    secrets = [databases.secret(f"{name}_intelligence_password") for name in ("postgres", "redis")]
    assert not [line for line in output if any(secret in str(line) for secret in secrets)]


def test_an_error_that_nobody_expects_is_one_line_and_a_problem() -> None:
    """Only the application is made up; what surrounds it is the service's own."""
    app = FastAPI()
    app.state.draining = False
    app.add_middleware(web.Observed)

    @app.get("/fault")
    async def fault() -> None:
        raise KeyError('a "quoted"\nname')

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
            return await client.get("/fault")

    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logs.JsonFormatter())
    web.log.addHandler(handler)
    try:
        problem = assert_problem(asyncio.run(ask()), 500, "/fault")
    finally:
        web.log.removeHandler(handler)
    (line,) = [json.loads(line) for line in written.getvalue().splitlines()]
    assert line["log"]["level"] == "ERROR"
    assert line["error"]["type"] == "builtins.KeyError"
    assert "in fault" in line["error"]["stack_trace"]
    assert line["http"]["request"]["id"] == problem["requestId"]


def test_a_request_is_one_line_with_its_ids(service: Service, customer: str) -> None:
    service.http.post(
        "/v1/insights?secret=x",
        json={"customerId": customer, "amount": 1, "currency": "EUR"},
        headers={"X-Request-Id": customer, "traceparent": f"00-{TRACE}-{PARENT}-01"},
    )
    (line,) = service.lines_of(customer)
    assert line["trace"] == {"id": TRACE}
    assert line["parent"] == {"id": PARENT}
    assert re.fullmatch("[0-9a-f]{16}", line["span"]["id"])
    assert line["span"]["id"] != PARENT
    assert line["http"] == {"request": {"id": customer, "method": "POST"}, "response": {"status_code": 200}}
    assert line["url"] == {"path": "/v1/insights"}
    assert 0 < line["event"]["duration"] < 5e9
    assert line["log"]["level"] == "INFO"


def test_what_is_written_during_a_request_has_its_ids_too(
    service: Service, databases: Databases, customer: str
) -> None:
    with databases.postgres.cut():
        service.http.get("/ready", headers={"X-Request-Id": customer, "traceparent": f"00-{TRACE}-{PARENT}-00"})
    lines = service.lines_of(customer, count=2)
    assert [line["log"]["level"] for line in lines] == ["WARNING", "INFO"]
    assert {line["trace"]["id"] for line in lines} == {TRACE}
    assert len({line["span"]["id"] for line in lines}) == 1


@pytest.mark.parametrize(
    "traceparent",
    ["", "x", f"00-{'0' * 32}-{PARENT}-01", f"00-{TRACE}-{'0' * 16}-01", f"ff-{TRACE}-{PARENT}-01", f"00-{TRACE}"],
)
def test_a_trace_that_is_none_is_replaced(service: Service, customer: str, traceparent: str) -> None:
    service.http.get("/health", headers={"X-Request-Id": customer, "traceparent": traceparent})
    (line,) = service.lines_of(customer)
    assert re.fullmatch("[0-9a-f]{32}", line["trace"]["id"])
    assert line["trace"]["id"] not in (TRACE, "0" * 32)


def test_text_for_people_keeps_an_event_on_its_line(start: Callable[..., Service]) -> None:
    service = start(LOG_FORMAT="text").started()
    service.http.get("/a%0ab")
    eventually(lambda: "GET /a%0ab 404" in service.output(), "the request's line")
    lines = service.output().splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d [A-Z]+ ", line) for line in lines), lines


def test_text_escapes_what_would_start_a_line() -> None:
    record = logging.makeLogRecord({"msg": "é\r\n\x1b[31m\u2028\ud800", "levelname": "INFO"})
    assert logs.TextFormatter().format(record).endswith(r"é\r\n\x1b[31m\u2028\ud800")


def test_metrics_count_what_all_workers_did(start: Callable[..., Service], databases: Databases, customer: str) -> None:
    service = start(WEB_CONCURRENCY="2").started()
    databases.order(customer, *[100] * 6)
    sent = 0

    def both_have_answered() -> bool:
        nonlocal sent
        sent += 1
        assert service.insight(customerId=customer).status_code == 200
        return len({line["process"]["pid"] for line in service.lines() if line.get("url", {}).get("path")}) == 2

    eventually(both_have_answered, "both workers took part")
    for _ in range(5):
        service.status(f"/unknown/{customer}")
    assert service.insight(amount=-1).status_code == 422
    count = 'http_server_requests_seconds_count{method="%s",status="%d",uri="%s"}'
    # A request is counted once its answer is out, so perhaps a moment after the client has it.
    eventually(lambda: service.metric(count % ("POST", 422, "/v1/insights")) == 1, "counted")
    for _ in range(10):  # Whichever worker answers.
        assert service.metric(count % ("POST", 200, "/v1/insights")) == sent
        assert service.metric(count % ("GET", 404, "UNKNOWN")) == 5
        assert service.metric('insights_total{assessment="typical"}') == sent
        assert service.metric('history_cache_total{result="miss"}') == 1
        assert service.metric('history_cache_total{result="hit"}') == sent - 1
    # No label takes what a client makes up.
    assert customer not in service.http.get("/metrics").text


def test_documentation_is_served_only_where_it_is_wanted(start: Callable[..., Service]) -> None:
    service = start(INTELLIGENCE_DOCS="true").started()
    assert "/v1/insights" in service.http.get("/openapi.json").json()["paths"]


def test_health_and_ready_say_nothing_more(service: Service) -> None:
    for path in ("/health", "/ready"):
        response = service.http.get(path)
        assert (response.status_code, response.json()) == (200, {"status": "UP"})
        assert "server" not in response.headers


@pytest.mark.parametrize("workers", ["1", "2"])
def test_sigterm_under_load_loses_no_request(
    start: Callable[..., Service], databases: Databases, customer: str, workers: str
) -> None:
    databases.order(customer, *[100] * 6)
    service = start(WEB_CONCURRENCY=workers, SHUTDOWN_DELAY="1s").started()
    answers: list[httpx.Response] = []
    stop = threading.Event()

    def load() -> list[Exception]:
        """Asks until told not to, as a load balancer does once /ready says 503. Nothing but an answer is a success."""
        with httpx.Client(base_url=service.url, timeout=10) as client:
            while not stop.is_set():
                try:
                    order = {"customerId": customer, "amount": 100, "currency": "EUR"}
                    answers.append(client.post("/v1/insights", json=order))
                except httpx.HTTPError as failure:
                    return [failure]
        return []

    with ThreadPoolExecutor() as pool:
        try:
            clients = [pool.submit(load) for _ in range(6)]
            eventually(lambda: len(answers) > 100, "some load")
            service.process.terminate()
            eventually(lambda: service.status("/ready") == 503, "not ready", within=3)
            assert service.status("/health") == 200
            served = len(answers)
            eventually(lambda: len(answers) > served + 20, "still serving while not ready")
        finally:
            stop.set()
        failures = [failure for client in clients for failure in client.result()]
    assert service.process.wait(10) == 0
    assert failures == []
    assert {answer.status_code for answer in answers} == {200}
    # Pooled connections were given up in time.
    assert answers[-1].headers["connection"] == "close"
    # The service's count is the clients'.
    assert len([line for line in service.lines() if line.get("url", {}).get("path") == "/v1/insights"]) == len(answers)


def test_a_request_under_way_is_finished(start: Callable[..., Service], databases: Databases) -> None:
    service = start().started()
    result: list[httpx.Response] = []
    with databases.postgres.frozen():
        client = threading.Thread(target=lambda: result.append(service.http.get("/ready")))
        client.start()
        eventually(lambda: service.status("/health") == 200, "served")
        service.process.terminate()
        client.join(10)
    assert [response.json() for response in result] == [{"status": "DOWN"}]
    assert service.process.wait(10) == 0
