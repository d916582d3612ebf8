"""A customer's latest orders, read from PostgreSQL with a read-only role and kept for a while in Redis."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote
from uuid import UUID

import asyncpg

from intelligence import metrics
from intelligence.cache import Cache
from intelligence.scoring import MINIMUM_HISTORY
from intelligence.settings import POSTGRES_PASSWORD, Settings

log = logging.getLogger(__name__)

# How many orders make a history.
SIZE = 100
# Seconds for a query, waiting for a connection included, and for giving the connection back. Together with the cache's
# 0.1 s a caller hears well before the 0.7 s after which the API gives up.
QUERY_TIMEOUT = 0.35
RELEASE_TIMEOUT = 0.1
# /ready may take longer: it is how a worker on a busy machine gets its first connection.
READY_TIMEOUT = 1.0
# Per worker. A query takes a millisecond, so a few connections serve hundreds of requests a second.
CONNECTIONS = 4

# One more than needed, as the order in question is left out. The index orders_history serves it in this order.
HISTORY = f"""
    select id, amount from orders where customer_id = $1 and currency = $2
    order by created_at desc limit {SIZE + 1}
"""


class Unavailable(Exception):
    """PostgreSQL did not answer in time, or refused."""


class History:
    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", cache: Cache) -> None:
        self._pool = pool
        self._cache = cache

    async def amounts(self, customer: str, currency: str, excluding: UUID | None) -> list[int]:
        """The amounts of the latest orders, at most `SIZE`, in minor units; up to `cache.EXPIRY` seconds old."""
        # The currency, always three letters, comes first: no customer id can be mistaken for another key.
        key = f"history:{currency}:{quote(customer, safe='')}"
        orders = await self._cache.get(key)
        if orders is None:
            rows = await self._query(QUERY_TIMEOUT, HISTORY, customer, currency)
            orders = [(row["id"], row["amount"]) for row in rows]
            # A short history is quick to read, and its next order matters: it is never served from the cache.
            if len(orders) > MINIMUM_HISTORY:
                await self._cache.put(key, orders)
        return [amount for order, amount in orders if order != excluding][:SIZE]

    async def check(self) -> None:
        """Raises `Unavailable` unless orders can be read: connection, migration and permission."""
        await self._query(READY_TIMEOUT, "select from orders limit 1")

    async def _query(self, seconds: float, query: str, *arguments: str) -> list[asyncpg.Record]:
        try:
            async with asyncio.timeout(seconds):
                connection = await self._pool.acquire()
                try:
                    return await connection.fetch(query, *arguments)
                finally:
                    # Without a limit, a connection whose query was cut off would wait for PostgreSQL to confirm that.
                    await self._pool.release(connection, timeout=RELEASE_TIMEOUT)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:  # A timeout is an OSError too.
            metrics.postgres_failures.inc()
            log.warning("PostgreSQL: %s: %s", type(error).__name__, error)
            raise Unavailable from error


@asynccontextmanager
async def connect(settings: Settings) -> AsyncIterator[History]:
    """Opens nothing yet: connections are made when needed, so the service starts and recovers without PostgreSQL."""
    cache = Cache(settings)
    pool = await asyncpg.create_pool(
        host=settings.postgres_host,
        port=settings.postgres_port,
        database=settings.postgres_db,
        user="intelligence",
        password=settings.secret(POSTGRES_PASSWORD),
        min_size=0,
        max_size=CONNECTIONS,
        server_settings={"application_name": "intelligence"},
    )
    try:
        yield History(pool, cache)
    finally:
        await cache.close()
        try:
            async with asyncio.timeout(READY_TIMEOUT):
                await pool.close()
        except (OSError, asyncpg.PostgresError) as error:
            log.warning("PostgreSQL: connections did not close (%s); cut", type(error).__name__)
            pool.terminate()
