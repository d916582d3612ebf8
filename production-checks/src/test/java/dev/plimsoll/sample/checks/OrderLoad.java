package dev.plimsoll.sample.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Clients that write orders, each under a key of its own and again under the same key until it is acknowledged, as an
 * honest client does.
 */
final class OrderLoad implements AutoCloseable {

    private static final int CLIENTS = 8;

    private final String customer = "load-" + UUID.randomUUID();
    private final Stack stack;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Future<?>> clients = new ArrayList<>();
    /** Ids of orders by their references. */
    private final Map<String, String> acknowledged = new ConcurrentHashMap<>();

    private volatile boolean stopping;
    private int failures;
    private long firstFailure;
    private long lastFailure;

    OrderLoad(Stack stack) {
        this.stack = stack;
        for (var i = 0; i < CLIENTS; i++) {
            var name = customer + "-" + i;
            var api = new Api(stack, name);
            clients.add(threads.submit(() -> write(api, name)));
        }
    }

    private void write(Api api, String name) {
        for (var i = 0; !stopping; i++) {
            var reference = name + "-" + i;
            // Every fifth one again, as a client does whose answer got lost after the order was written.
            for (var times = i % 5 == 0 ? 2 : 1; times > 0; times--) {
                while (!isAcknowledged(api, reference)) {
                    pause(100);
                }
                // Below what the API allows one caller.
                pause(15);
            }
        }
    }

    private boolean isAcknowledged(Api api, String reference) {
        var answer = api.create(customer, reference);
        if (answer.status() == 201) {
            acknowledged.put(reference, answer.json().path("id").asString());
            return true;
        }
        if (answer.status() != 429) {
            failed();
        }
        return false;
    }

    private synchronized void failed() {
        lastFailure = System.nanoTime();
        if (failures++ == 0) {
            firstFailure = lastFailure;
        }
    }

    private static void pause(int milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted while writing orders", e);
        }
    }

    int acknowledged() {
        return acknowledged.size();
    }

    synchronized int failures() {
        return failures;
    }

    /** From the first failure to the last. */
    synchronized Duration outage() {
        return Duration.ofNanos(lastFailure - firstFailure);
    }

    /** Begins no new order; each client ends when its last one is acknowledged. */
    void finish() throws InterruptedException, ExecutionException {
        stopping = true;
        for (var client : clients) {
            try {
                client.get(2, TimeUnit.MINUTES);
            } catch (TimeoutException e) {
                throw new AssertionError("Expected every order to be acknowledged within 2 minutes.", e);
            }
        }
    }

    /** Every acknowledged order is there under the id that was answered, none twice, and no other. */
    void assertThatNothingIsLostOrTwice() {
        var rows = stack.service("postgres")
                .exec("psql", "-U", "postgres", "-d", "orders", "-AtF=", "-c", select())
                .lines();
        var expected = acknowledged.entrySet().stream()
                .map(order -> order.getKey() + "=" + order.getValue())
                .toList();
        assertThat(expected).as("acknowledged orders").hasSizeGreaterThan(100);
        assertThat(rows).as("rows of the acknowledged orders").containsExactlyInAnyOrderElementsOf(expected);
    }

    private String select() {
        return "select reference, id from orders where customer_id = '%s'".formatted(customer);
    }

    @Override
    public void close() {
        stopping = true;
        threads.shutdownNow();
        stack.service("postgres")
                .exec(
                        "psql",
                        "-U",
                        "postgres",
                        "-d",
                        "orders",
                        "-qc",
                        "delete from orders where customer_id = '%s'".formatted(customer),
                        "-c",
                        "delete from idempotency_keys where caller like '%s%%'".formatted(customer))
                .result();
    }
}
