"""Histories in Redis. A cache that is down or slow costs a little time, never an answer."""

import asyncio
import logging
import time
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.maint_notifications import MaintNotificationsConfig

from intelligence import metrics
from intelligence.settings import REDIS_PASSWORD, Settings

log = logging.getLogger(__name__)

# The id and the amount of each order, latest first.
Orders = list[tuple[UUID, int]]
_orders: TypeAdapter[Orders] = TypeAdapter(Orders)

# For a whole command, connecting included. Redis answers within a few milliseconds or is of no use here.
TIMEOUT = 0.1
# After a failure Redis is left alone for this long, so that a hung one does not cost every request the timeout.
BACK_OFF = 1.0
# How old a history may be, in seconds.
EXPIRY = 30


class Cache:
    def __init__(self, settings: Settings) -> None:
        self._redis = Redis(
            host=settings.redis_host,
            port=settings.redis_port,
            username="intelligence",
            password=settings.secret(REDIS_PASSWORD),
            client_name="intelligence",
            socket_timeout=TIMEOUT,
            socket_connect_timeout=TIMEOUT,
            retry=Retry(NoBackoff(), 0),
            # The ACL user may do nothing but what this class does.
            maint_notifications_config=MaintNotificationsConfig(enabled=False),
        )
        self._resume_at = 0.0

    async def get(self, key: str) -> Orders | None:
        if self._resting():
            metrics.cache.labels("skipped").inc()
            return None
        try:
            async with asyncio.timeout(TIMEOUT):
                value = await self._redis.get(key)
        except (RedisError, OSError) as error:  # The timeout is an OSError too.
            self._failed(error)
            return None
        if value is None:
            metrics.cache.labels("miss").inc()
            return None
        try:
            orders = _orders.validate_json(value)
        except ValidationError:
            metrics.cache.labels("error").inc()
            log.warning("Redis: the value of %s is not a history. It will be replaced", key)
            return None
        metrics.cache.labels("hit").inc()
        return orders

    async def put(self, key: str, orders: Orders) -> None:
        if self._resting():
            return
        try:
            async with asyncio.timeout(TIMEOUT):
                await self._redis.set(key, _orders.dump_json(orders), ex=EXPIRY)
        except (RedisError, OSError) as error:
            self._failed(error)

    async def close(self) -> None:
        await self._redis.aclose()

    def _resting(self) -> bool:
        return time.monotonic() < self._resume_at

    def _failed(self, error: Exception) -> None:
        self._resume_at = time.monotonic() + BACK_OFF
        metrics.cache.labels("error").inc()
        log.warning("Redis: %s: %s. Going on without it for %.0f s", type(error).__name__, error, BACK_OFF)
