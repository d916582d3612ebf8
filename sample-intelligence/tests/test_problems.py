"""Bad requests get the right status, as problem details, and nothing of the inside comes out."""

import http.client
import re
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support import JSON, Service

VALID = b'{"customerId": "c", "amount": 1, "currency": "EUR"}'
INSIDE = re.compile(r"Traceback|[a-z]Error|Exception|pydantic|asyncpg|intelligence|python|Order|\.py")


def assert_problem(response: httpx.Response, status: int, instance: str = "/v1/insights") -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    assert not INSIDE.search(response.text)
    problem: dict[str, Any] = response.json()
    assert problem["type"] == "about:blank"
    assert problem["title"] == http.client.responses[status]
    assert problem["status"] == status
    assert problem["detail"]
    assert problem["instance"] == instance
    assert problem["requestId"] == response.headers["x-request-id"]
    return problem


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"{}", ["customerId", "amount", "currency"]),
        (b"[]", ["body"]),
        (b"null", ["body"]),
        (b"7", ["body"]),
        (b"", ["body"]),
        (b'{"customerId": 7, "amount": "7", "currency": null, "orderId": "x"}', None),
        (VALID.replace(b'"c"', b'""'), ["customerId"]),
        (VALID.replace(b'"c"', b'"%s"' % (b"c" * 65)), ["customerId"]),
        (VALID.replace(b'"c"', rb'"a\u0000b"'), ["customerId"]),
        (VALID.replace(b'"c"', rb'"\ud800"'), ["customerId"]),
        (VALID.replace(b"1", b"-1"), ["amount"]),
        (VALID.replace(b"1", b"1.5"), ["amount"]),
        (VALID.replace(b"1", b"1.0"), ["amount"]),
        (VALID.replace(b"1", b"true"), ["amount"]),
        (VALID.replace(b"1", b'"1"'), ["amount"]),
        (VALID.replace(b"1", b"NaN"), ["amount"]),
        (VALID.replace(b"1", b"-Infinity"), ["amount"]),
        (VALID.replace(b"1", b"1e400"), ["amount"]),
        (VALID.replace(b"1", b"9223372036854775808"), ["amount"]),
        (VALID.replace(b"1", b"9" * 4000), ["amount"]),
        (VALID.replace(b"EUR", b"eur"), ["currency"]),
        (VALID.replace(b"EUR", rb"EUR\n"), ["currency"]),
        (VALID.replace(b"EUR", "ÉUR".encode()), ["currency"]),
        (VALID.replace(b"{", b'{"orderId": "1; drop table orders", '), ["orderId"]),
        (VALID.replace(b"{", b'{"orderId": {"$ne": null}, '), ["orderId"]),
    ],
)
def test_invalid_fields(service: Service, body: bytes, fields: list[str] | None) -> None:
    problem = assert_problem(service.http.post("/v1/insights", content=body, headers=JSON), 422)
    assert all(error["message"] for error in problem["errors"])
    found = {error["field"] for error in problem["errors"]}
    assert found == set(fields or ["customerId", "amount", "currency", "orderId"])


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        VALID[:-1],
        VALID + b"}",
        b"\x00",
        VALID.replace(b"c", b"\xff\xfe"),
        b"\xff" * 100,
        VALID.replace(b'"c"', b'"a\nb"'),
        VALID.replace(b"1", b"9" * 5000),
        b"[" * 60_000,
        b'{"a":' * 12_000,
    ],
)
def test_malformed_json(service: Service, body: bytes) -> None:
    assert_problem(service.http.post("/v1/insights", content=body, headers=JSON), 400)


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "", "application/jsonp", "☃", "json"]
)
def test_other_media_types(service: Service, kind: str) -> None:
    headers = {b"Content-Type": kind.encode()} if kind else {}
    assert_problem(service.http.post("/v1/insights", content=VALID, headers=headers), 415)


@pytest.mark.parametrize(
    "kind", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/merge-patch+json"]
)
def test_json_by_other_names(service: Service, kind: str) -> None:
    assert service.http.post("/v1/insights", content=VALID, headers={"Content-Type": kind}).status_code == 200


def test_a_body_up_to_the_limit_is_read_and_a_larger_one_refused(service: Service) -> None:
    largest = VALID.ljust(64 * 1024)
    assert service.http.post("/v1/insights", content=largest, headers=JSON).status_code == 200
    assert_problem(service.http.post("/v1/insights", content=largest + b" ", headers=JSON), 413)


@pytest.mark.parametrize("chunks", [65, 640])
def test_a_larger_body_is_refused_without_its_length_too(service: Service, chunks: int) -> None:
    def body() -> Iterator[bytes]:
        yield VALID
        for _ in range(chunks):
            yield b" " * 1024

    assert_problem(service.http.post("/v1/insights", content=body(), headers=JSON), 413)


def test_a_client_that_asks_first_is_not_made_to_send_a_larger_body(service: Service) -> None:
    head = b"POST /v1/insights HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    answer = raw(service, head + b"Content-Length: 999999999\r\nExpect: 100-continue\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 "), answer


@pytest.mark.parametrize(
    ("path", "instance"),
    [
        ("/", "/"),
        ("/v1/insights/", "/v1/insights/"),
        ("/health/", "/health/"),
        ("/docs", "/docs"),
        ("/openapi.json", "/openapi.json"),
        ("/v1/%0d%0aX-Injected:%201", "/v1/%0d%0aX-Injected:%201"),
        ("/%ff%00", "/%ff%00"),
        ("/../../etc/passwd", "/../../etc/passwd"),
        ("/v1/insights%3Ca%3E?q=<script>", "/v1/insights%3Ca%3E"),
    ],
)
def test_unknown_paths(service: Service, path: str, instance: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", service.port)
    connection.request("GET", path)
    answer = connection.getresponse()
    response = httpx.Response(answer.status, headers=answer.getheaders(), content=answer.read())
    connection.close()
    assert_problem(response, 404, instance)


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_other_methods(service: Service, method: str) -> None:
    response = service.http.request(method, "/v1/insights")
    assert_problem(response, 405)
    assert response.headers["allow"] == "POST"


@pytest.mark.parametrize(
    "request_",
    [
        b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_what_is_not_http_is_refused_by_the_server(service: Service, request_: bytes) -> None:
    answer = raw(service, request_)
    assert answer.startswith(b"HTTP/1.1 400 "), answer
    assert not INSIDE.search(answer.decode())


@pytest.mark.parametrize("given", ["", "a" * 65, "a b", "a\tb", "é", "a;b"])
def test_a_request_id_that_is_none_is_replaced(service: Service, given: str) -> None:
    response = service.http.get("/health", headers={b"X-Request-Id": given.encode()})
    assert len(response.headers["x-request-id"]) == 36


def test_a_request_id_is_kept(service: Service) -> None:
    response = service.http.get("/nothing", headers={"X-Request-Id": "Request_7.a-b"})
    assert assert_problem(response, 404, "/nothing")["requestId"] == "Request_7.a-b"


def raw(service: Service, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", service.port), timeout=5) as connection:
        connection.sendall(request)
        return connection.recv(65536)
