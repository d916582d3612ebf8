"""PostgreSQL and Redis going away, hanging and coming back, while the service runs and without a restart."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import redis

from tests.support import Databases, Service, eventually
from tests.test_problems import assert_problem

# The API gives up on an insight after this many seconds.
PATIENCE = 0.7


@contextmanager
def within(seconds: float) -> Iterator[None]:
    started = time.monotonic()
    yield
    took = time.monotonic() - started
    assert took < seconds, f"took {took:.2f} s"


@pytest.fixture
def running(start: Callable[..., Service]) -> Iterator[Service]:
    """What happens here is expected, so nothing of it is an error in the log (a lost task, a stack trace)."""
    service = start().started()
    yield service
    assert not [line for line in service.lines() if line["log"]["level"] in ("ERROR", "CRITICAL") or "error" in line]


@pytest.mark.parametrize("fault", ["cut", "frozen"])
def test_without_postgres_it_says_so_quickly_and_recovers_by_itself(
    running: Service, databases: Databases, customer: str, fault: str
) -> None:
    databases.order(customer, *[100] * 6)
    assert running.insight(customerId="before").status_code == 200
    assert running.status("/ready") == 200
    with getattr(databases.postgres, fault)():
        for _ in range(6):  # More than there are connections in the pool.
            with within(PATIENCE):
                response = running.insight(customerId=customer)
            assert_problem(response, 503)
            assert response.headers["retry-after"] == "1"
        with within(1.5):
            not_ready = running.http.get("/ready")
        assert (not_ready.status_code, not_ready.json()) == (503, {"status": "DOWN"})
        with within(PATIENCE):
            assert running.status("/health") == 200
    with within(2):
        eventually(lambda: running.status("/ready") == 200, "ready again")
        eventually(lambda: running.insight(customerId=customer).status_code == 200, "insights again")
    assert running.insight(customerId=customer).json()["count"] == 6
    assert running.process.poll() is None


def test_many_requests_to_a_hanging_postgres_all_hear_in_time(running: Service, databases: Databases) -> None:
    running.insight()

    def ask(number: int) -> tuple[int, float]:
        started = time.monotonic()
        return running.insight(customerId=f"c{number}").status_code, time.monotonic() - started

    with databases.postgres.frozen(), ThreadPoolExecutor(20) as clients:
        answers = list(clients.map(ask, range(60)))
    assert {status for status, _ in answers} == {503}
    # 20 clients share two cores with the service and these tests.
    assert max(seconds for _, seconds in answers) < 2 * PATIENCE
    eventually(lambda: running.insight().status_code == 200, "insights again", within=2)


def test_starts_before_postgres_does(databases: Databases, start: Callable[..., Service]) -> None:
    with databases.postgres.cut():
        early = start().started()
        assert early.status("/ready") == 503
        assert early.insight().status_code == 503
    eventually(lambda: early.status("/ready") == 200, "ready", within=2)
    assert early.insight().status_code == 200


@pytest.mark.parametrize("fault", ["cut", "frozen"])
def test_without_redis_it_answers_and_stays_ready(
    running: Service, databases: Databases, customer: str, fault: str
) -> None:
    databases.order(customer, *[100] * 6)
    expected = running.insight(customerId=customer).json()
    with getattr(databases.redis, fault)():
        assert running.status("/ready") == 200
        seconds = []
        for _ in range(8):
            started = time.monotonic()
            response = running.insight(customerId=customer)
            seconds.append(time.monotonic() - started)
            assert (response.status_code, response.json()) == (200, expected)
        assert max(seconds) < PATIENCE
        # A hung Redis costs a request now and then its timeout of 0.1 s, and the others nothing.
        assert len([s for s in seconds if s >= 0.1]) <= 2, seconds
        assert running.metric('history_cache_total{result="error"}') >= 1
        assert running.metric('history_cache_total{result="skipped"}') >= 1
    hits = running.metric('history_cache_total{result="hit"}')
    eventually(
        lambda: (
            running.insight(customerId=customer).json() == expected
            and running.metric('history_cache_total{result="hit"}') > hits
        ),
        "cached again",
        within=5,
    )


def test_an_answer_that_redis_owed_is_given_to_nobody_else(running: Service, databases: Databases) -> None:
    for amount in (1, 2):
        databases.order(f"owed-{amount}", *[amount] * 6)
        running.insight(customerId=f"owed-{amount}")
    with databases.redis.frozen():
        assert running.insight(customerId="owed-1").json()["expectedAmount"] == 1
    hits = running.metric('history_cache_total{result="hit"}')
    eventually(
        lambda: (
            running.insight(customerId="owed-2").json()["expectedAmount"] == 2
            and running.metric('history_cache_total{result="hit"}') > hits
        ),
        "cached again",
        within=5,
    )


@pytest.mark.parametrize("value", [b"", b"\xff", b"{}", b"[[1, 2]]", b'[["x", "y"]]', b"null", b"[" * 10_000])
def test_a_broken_value_in_redis_is_replaced(
    service: Service, databases: Databases, customer: str, value: bytes
) -> None:
    databases.order(customer, *[100] * 6)
    key = f"history:EUR:{customer}"
    with redis.Redis(
        host=databases.direct["REDIS_HOST"],
        port=int(databases.direct["REDIS_PORT"]),
        username="intelligence",
        password=databases.secret("redis_intelligence_password"),
    ) as client:
        client.set(key, value, ex=60)
        assert service.insight(customerId=customer).json()["count"] == 6
        assert client.get(key) != value
