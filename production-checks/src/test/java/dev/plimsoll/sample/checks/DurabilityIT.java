package dev.plimsoll.sample.checks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Both databases are killed while clients write: no order that was acknowledged is lost, none is there twice. */
@ResourceLock(Stack.LOCK)
class DurabilityIT {

    private final Stack stack = Stack.up();

    /** With a signal to the process: what {@code docker kill} ends the engine does not start again. */
    @Test
    void aKilledDatabaseLosesNothing() throws Exception {
        var postgres = stack.service("postgres");
        var redis = stack.service("redis");
        var key = "order:check-" + System.nanoTime();
        assertThat(redis(redis, "set", key, "kept", "ex", "600")).isEqualTo("OK");
        try (var load = new OrderLoad(stack)) {
            await().atMost(Duration.ofMinutes(1)).until(() -> load.acknowledged() > 500);
            for (var database : List.of(postgres, redis)) {
                var restarts = database.restarts();
                database.init().signal("KILL");
                await().atMost(Duration.ofSeconds(30)).until(() -> database.restarts() == restarts + 1);
                await().atMost(Duration.ofMinutes(1)).until(database::isHealthy);
            }
            var recovered = load.acknowledged();
            await().atMost(Duration.ofMinutes(1)).until(() -> load.acknowledged() > recovered + 300);
            load.finish();

            assertThat(load.failures()).as("requests that the kill broke").isPositive();
            load.assertThatNothingIsLostOrTwice();
        }
        assertThat(redis(redis, "get", key))
                .as("written to Redis before its end")
                .isEqualTo("kept");
    }

    private static String redis(Service redis, String... words) {
        return RedisIT.as(redis, "admin", words);
    }
}
