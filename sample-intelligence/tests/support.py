"""What the tests drive: the real service as a process, and its databases through proxies that a test can cut."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx

PROJECT = Path(__file__).parents[1]
JSON = {"Content-Type": "application/json"}


def eventually(condition: Callable[[], bool], what: str, within: float = 10) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"not within {within} s: {what}"
        time.sleep(0.02)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


class Proxy:
    """Passes TCP on to a port of this machine, until a test cuts it (refused) or freezes it (accepted, no answer)."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._transports: set[asyncio.WriteTransport] = set()
        self.port = free_port()
        listening = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run(listening)), daemon=True)
        self._thread.start()
        assert listening.wait(10)

    @contextmanager
    def cut(self) -> Iterator[None]:
        self._do(self._close())
        try:
            yield
        finally:
            self._do(self._listen())

    @contextmanager
    def frozen(self) -> Iterator[None]:
        self._loop.call_soon_threadsafe(self._flowing.clear)
        try:
            yield
        finally:
            self._loop.call_soon_threadsafe(self._flowing.set)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join(10)

    async def _run(self, listening: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._closing, self._flowing = asyncio.Event(), asyncio.Event()
        self._flowing.set()
        await self._listen()
        listening.set()
        await self._closing.wait()
        await self._close()

    def _do(self, coroutine: Any) -> None:
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)

    async def _close(self) -> None:
        self._server.close()
        for transport in self._transports:
            transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
            await asyncio.gather(self._pump(reader, back), self._pump(there, writer))
        except OSError:  # Either end went away, which is what the tests do.
            writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._transports.add(writer.transport)
        try:
            while data := await reader.read(65536):
                await self._flowing.wait()
                writer.write(data)
                await writer.drain()
        finally:
            writer.close()
            self._transports.discard(writer.transport)


class Service:
    """`python -m intelligence` with everything it writes."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._output = tempfile.TemporaryFile("w+")  # noqa: SIM115 (closed in stop)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "intelligence"],
            cwd=PROJECT,
            env={
                "PATH": os.environ["PATH"],
                "INTELLIGENCE_HOST": "127.0.0.1",
                "INTELLIGENCE_PORT": str(self.port),
                "WEB_CONCURRENCY": "1",
                "SHUTDOWN_DELAY": "0s",
                **environment,
            },
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )
        # Without keep-alive, as with several workers each request may then meet another one.
        self.http = httpx.Client(base_url=self.url, timeout=5, limits=httpx.Limits(max_keepalive_connections=0))

    def started(self) -> "Service":
        eventually(lambda: self.status("/health") == 200 or self.process.poll() is not None, "started")
        assert self.process.poll() is None, self.output()
        return self

    def status(self, path: str) -> int | None:
        try:
            return self.http.get(path).status_code
        except httpx.TransportError:
            return None

    def insight(self, **order: Any) -> httpx.Response:
        return self.http.post("/v1/insights", json={"customerId": "c", "amount": 100, "currency": "EUR"} | order)

    def metric(self, name: str) -> float:
        """The value of a series, written as in the exposition: `name{label="value"}`. 0 when it is not there yet."""
        lines = self.http.get("/metrics").text.splitlines()
        return sum(float(line.removeprefix(name)) for line in lines if line.startswith(f"{name} "))

    def output(self) -> str:
        # Through /proc or another descriptor the process' own offset would move; pread leaves it alone.
        size = os.fstat(self._output.fileno()).st_size
        return os.pread(self._output.fileno(), size, 0).decode()

    def lines(self) -> list[dict[str, Any]]:
        """All that the process wrote, each line of which has to be JSON."""
        whole, _, _ = self.output().rpartition("\n")
        return [json.loads(line) for line in whole.splitlines()]

    def lines_of(self, request_id: str, count: int = 1) -> list[dict[str, Any]]:
        """The lines of one request, once there are that many: the last one is written after the answer."""
        found: list[dict[str, Any]] = []

        def complete() -> bool:
            found[:] = [
                line for line in self.lines() if line.get("http", {}).get("request", {}).get("id") == request_id
            ]
            return len(found) >= count

        eventually(complete, f"{count} lines of {request_id}")
        return found

    def stop_and_read(self) -> list[dict[str, Any]]:
        self.process.terminate()
        assert self.process.wait(30) == 0
        return self.lines()

    def stop(self) -> int:
        self.http.close()
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        finally:
            self._output.close()


class Databases:
    """Where PostgreSQL and Redis are, as `./run databases` says, and each behind a proxy."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.direct = environment
        self.postgres = Proxy(int(environment["POSTGRES_PORT"]))
        self.redis = Proxy(int(environment["REDIS_PORT"]))
        self.environment = {
            **environment,
            "POSTGRES_PORT": str(self.postgres.port),
            "REDIS_PORT": str(self.redis.port),
        }

    def secret(self, name: str) -> str:
        return Path(self.direct["SECRETS_DIRECTORY"], name).read_text().strip()

    def order(self, customer: str, *amounts: int, currency: str = "EUR") -> list[UUID]:
        """Adds orders, the oldest first, each a second younger than the one before."""
        return asyncio.run(self._order(customer, amounts, currency))

    async def _order(self, customer: str, amounts: tuple[int, ...], currency: str) -> list[UUID]:
        connection = await asyncpg.connect(
            host=self.direct["POSTGRES_HOST"],
            port=int(self.direct["POSTGRES_PORT"]),
            database=self.direct["POSTGRES_DB"],
            user="api",
            password=self.secret("postgres_api_password"),
        )
        ids = [uuid4() for _ in amounts]
        try:
            await connection.executemany(
                "insert into orders (id, customer_id, reference, amount, currency, created_at)"
                " values ($1, $2, 'r', $3, $4, now() + $5 * interval '1 second')",
                [(i, customer, a, currency, n) for n, (i, a) in enumerate(zip(ids, amounts, strict=True))],
            )
        finally:
            await connection.close()
        return ids

    def close(self) -> None:
        self.postgres.close()
        self.redis.close()
