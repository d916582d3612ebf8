package dev.plimsoll.sample.api;

import static dev.plimsoll.sample.api.RunningApi.ORDERS;
import static dev.plimsoll.sample.api.RunningApi.draft;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpHandler;
import dev.plimsoll.sample.api.embedded.EmbeddedDatabases;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.springframework.data.redis.core.StringRedisTemplate;

/** What clients see while a dependency is away or slow, and that it ends by itself when the dependency is back. */
class DependencyFailureTest {

    private static final Duration ONE_SECOND = Duration.ofSeconds(1);

    @Test
    void withoutPostgresqlItIsAliveNotReadyAndFailsFast() throws Exception {
        try (var api = RunningApi.withOwnDatabases()) {
            var order = api.create("survivor", 1);

            api.databases.stopPostgres();
            await().atMost(Duration.ofSeconds(5))
                    .untilAsserted(() -> assertThat(api.get("/ready").status()).isEqualTo(503));
            assertThat(api.get("/health").status()).isEqualTo(200);
            for (var i = 0; i < 3; i++) {
                var start = System.nanoTime();
                var refused = api.create("survivor", 2);
                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.header("Retry-After")).isEqualTo("1");
                assertThat(refused.header("Content-Type")).startsWith("application/problem+json");
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
                assertThat(api.get(ORDERS).status()).isEqualTo(503);
            }

            api.databases.startPostgres();
            await().atMost(Duration.ofSeconds(10))
                    .untilAsserted(() -> assertThat(api.get("/ready").status()).isEqualTo(200));
            assertThat(api.get(order.header("Location")).json()).isEqualTo(order.json());
            assertThat(api.create("survivor", 3).status()).isEqualTo(201);
        }
    }

    @Test
    void withoutRedisEverythingStillWorks() throws Exception {
        try (var api = RunningApi.withOwnDatabases()) {
            var location = api.create("patient", 1).header("Location");
            api.get(location);

            api.databases.stopRedis();
            readAndWrite(api, location);
            assertThat(api.get("/ready").status()).isEqualTo(200);
            assertThat(api.metric("order_cache_requests_total{result=\"error\"}"))
                    .isPositive();

            api.databases.startRedis();
            await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
                var hits = api.metric("order_cache_requests_total{result=\"hit\"}");
                api.get(location);
                api.get(location);
                assertThat(api.metric("order_cache_requests_total{result=\"hit\"}"))
                        .isGreaterThan(hits);
            });
        }
    }

    /** A server that takes connections and never answers costs a few requests their time-out and then nothing. */
    @Test
    void withARedisThatHangsEverythingStillWorks() throws Exception {
        try (var hanging = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                var api = RunningApi.with("REDIS_PORT=" + hanging.getLocalPort())) {
            var location = api.create("patient", 1).header("Location");
            for (var i = 0; i < 6; i++) {
                assertThat(api.get(location).status()).isEqualTo(200);
            }
            var start = System.nanoTime();
            readAndWrite(api, location);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(ONE_SECOND);
        }
    }

    /** What another version or a person has written there is no order. */
    @Test
    void aCachedValueThatIsNoOrderIsAMiss() throws Exception {
        try (var api = RunningApi.withOwnDatabases()) {
            var created = api.create("careful", 1);
            var redis = api.context.getBean(StringRedisTemplate.class);
            var key = "order:" + created.json().path("id").asString();
            for (var value : new String[] {"{\"id\":", "[]", "{\"id\":7}"}) {
                redis.opsForValue().set(key, value);
                assertThat(api.get(created.header("Location")).json()).isEqualTo(created.json());
            }
            redis.opsForValue()
                    .set(key, created.response().body().replace("{", "{\"colour\":\"new in the next version\","));
            assertThat(api.get(created.header("Location")).json()).isEqualTo(created.json());
            assertThat(api.metric("order_cache_requests_total{result=\"hit\"}")).isEqualTo(1);
        }
    }

    /** A replica in front of a database that nobody has migrated must get no requests. */
    @Test
    void withoutItsTableItIsNotReady() throws Exception {
        try (var api = RunningApi.withOwnDatabases();
                var migrator = api.databases.connect("migrator");
                var statement = migrator.createStatement()) {
            statement.execute("alter table orders rename to elsewhere");
            assertThat(api.get("/ready").status()).isEqualTo(503);
            assertThat(api.get("/health").status()).isEqualTo(200);
        }
    }

    private static void readAndWrite(RunningApi api, String location) {
        for (var i = 0; i < 10; i++) {
            assertThat(api.get(location).status()).isEqualTo(200);
            assertThat(api.call("PUT", location)
                            .header("If-Match", "*")
                            .body(draft("patient", i))
                            .send()
                            .status())
                    .isEqualTo(200);
            assertThat(api.get(location).json().path("amount").asInt()).isEqualTo(i);
        }
    }

    @Test
    void anInsightSaysSoWhenTheIntelligenceServiceIsAway() throws Exception {
        try (var api = RunningApi.with("INTELLIGENCE_URL=http://127.0.0.1:" + EmbeddedDatabases.freePort())) {
            assertUnavailableWithinASecond(api);
            assertThat(api.metric("insight_requests_total{outcome=\"failed\"}")).isEqualTo(1);
            for (var i = 0; i < 10; i++) {
                assertUnavailableWithinASecond(api);
            }
            assertThat(api.metric("insight_requests_total{outcome=\"open\"}"))
                    .as("after a few failures it is not even asked")
                    .isPositive();
        }
    }

    @Test
    void anInsightSaysSoWhenTheIntelligenceServiceIsSlow() throws Exception {
        var released = new CountDownLatch(1);
        assertUnavailableWithinASecond(exchange -> {
            try {
                released.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        });
        released.countDown();
    }

    /** A body that trickles in keeps a connection busy as well as one that does not come. */
    @Test
    void anInsightSaysSoWhenTheAnswerTricklesIn() throws Exception {
        assertUnavailableWithinASecond(exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, 0);
            try (var body = exchange.getResponseBody()) {
                for (var i = 0; i < 100; i++) {
                    body.write(' ');
                    body.flush();
                    Thread.sleep(100);
                }
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        });
    }

    private static void assertUnavailableWithinASecond(HttpHandler slowAnswer) throws Exception {
        try (var slow = FakeServer.start(slowAnswer);
                var api = RunningApi.with("INTELLIGENCE_URL=" + slow.url())) {
            assertUnavailableWithinASecond(api);
        }
    }

    private static void assertUnavailableWithinASecond(RunningApi api) {
        var location = api.create("curious", 1).header("Location");
        api.get(location);
        var start = System.nanoTime();
        var answer = api.get(location + "/insight");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(ONE_SECOND);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().path("available").asBoolean()).isFalse();
        assertThat(answer.json().path("reason").asString()).isNotEmpty();
    }
}
