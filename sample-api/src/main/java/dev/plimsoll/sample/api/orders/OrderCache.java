package dev.plimsoll.sample.api.orders;

import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Single orders in Redis. Redis may be slow or away: then everything is a miss, and after a few failures it is
 * not even asked for a while, so that a cache in trouble costs requests next to nothing.
 */
@Component
class OrderCache {

    private static final Logger log = LoggerFactory.getLogger(OrderCache.class);

    /** How long a change may stay unseen if Redis was away when it was made. */
    private static final Duration KEPT = Duration.ofMinutes(1);

    /**
     * How long an eviction is remembered. Without it a reader that has fetched the old row before a write could
     * store it after the write, for all of {@link #KEPT}. Longer than any read takes (3 s, the socket's limit).
     */
    private static final Duration EVICTION_KEPT = Duration.ofSeconds(4);

    private static final String EVICTED = "";

    private final StringRedisTemplate redis;
    private final JsonMapper json;
    private final MeterRegistry metrics;
    private final CircuitBreaker breaker = CircuitBreaker.of(
            "redis",
            CircuitBreakerConfig.custom()
                    .slidingWindowSize(10)
                    .minimumNumberOfCalls(5)
                    .waitDurationInOpenState(Duration.ofSeconds(2))
                    .permittedNumberOfCallsInHalfOpenState(1)
                    .build());

    OrderCache(StringRedisTemplate redis, JsonMapper json, MeterRegistry metrics) {
        this.redis = redis;
        this.json = json;
        this.metrics = metrics;
        breaker.getEventPublisher()
                .onStateTransition(event -> log.warn(
                        "Redis: {}",
                        event.getStateTransition().getToState() == CircuitBreaker.State.CLOSED
                                ? "used again"
                                : "in trouble, orders come from PostgreSQL (" + event.getStateTransition() + ")"));
    }

    Optional<Order> find(UUID id) {
        var answer = attempt(() -> Optional.ofNullable(redis.opsForValue().get(key(id))));
        try {
            var order = answer.flatMap(value -> value)
                    .filter(value -> !value.equals(EVICTED))
                    .map(value -> json.readValue(value, Order.class));
            count(answer.isEmpty() ? "error" : order.isPresent() ? "hit" : "miss");
            return order;
        } catch (JacksonException e) {
            log.warn("Redis: the value of {} is not an order; it will expire", key(id));
            count("error");
            return Optional.empty();
        }
    }

    /** Keeps an order just read from the database, unless it was changed or stored in the meantime. */
    void keep(Order order) {
        attempt(() -> Optional.ofNullable(
                redis.opsForValue().setIfAbsent(key(order.id()), json.writeValueAsString(order), KEPT)));
    }

    void evict(UUID id) {
        attempt(() -> {
            redis.opsForValue().set(key(id), EVICTED, EVICTION_KEPT);
            return true;
        });
    }

    /** What Redis says; empty if it can't be asked. */
    private <T> Optional<T> attempt(Supplier<T> command) {
        try {
            return Optional.of(breaker.executeSupplier(command));
        } catch (DataAccessException e) {
            log.debug("Redis did not answer", e);
        } catch (CallNotPermittedException e) {
            log.trace("Redis is not asked", e);
        }
        return Optional.empty();
    }

    private void count(String result) {
        metrics.counter("order.cache.requests", "result", result).increment();
    }

    private static String key(UUID id) {
        return "order:" + id;
    }
}
