"""Prometheus metrics, right with any number of workers.

`python -m intelligence` names a directory in PROMETHEUS_MULTIPROC_DIR, where every worker keeps its counts; whichever
worker answers /metrics adds them up. Without it (`uvicorn --reload`, tests) there is one process and nothing to add up.
"""

import os

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

# Name and labels are those of the API's metric, so that one query covers both services.
requests = Histogram(
    "http_server_requests_seconds",
    "Requests, with the time until their answer was sent",
    ["method", "uri", "status"],
    buckets=[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.7, 1, 2.5],
)
cache = Counter("history_cache", "Look-ups of a history in Redis, by result: hit, miss, error, skipped", ["result"])
assessments = Counter("insights", "Insights given, by assessment", ["assessment"])
postgres_failures = Counter("history_unavailable", "Histories that PostgreSQL did not give in time")


def exposition() -> bytes:
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)
