package dev.plimsoll.sample.api;

import static dev.plimsoll.sample.api.RunningApi.ORDERS;
import static dev.plimsoll.sample.api.RunningApi.draft;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What a client may do with orders, on the real databases. */
class OrdersTest {

    private static RunningApi api;

    @BeforeAll
    static void start() throws Exception {
        api = RunningApi.shared();
    }

    /** All tests share one database, so whoever counts a customer's rows needs one that no other test has. */
    private final String customer = UUID.randomUUID().toString();

    @Test
    void anOrderReadsAsItWasCreated() {
        var created = api.create("reader", 1999);
        assertThat(created.status()).isEqualTo(201);
        assertThat(created.header("Location"))
                .isEqualTo(ORDERS + "/" + created.json().path("id").asString());
        assertThat(created.header("ETag")).isEqualTo("\"1\"");

        // Once from PostgreSQL and once from Redis.
        for (var i = 0; i < 2; i++) {
            var read = api.get(created.header("Location"));
            assertThat(read.status()).isEqualTo(200);
            assertThat(read.json()).isEqualTo(created.json());
            assertThat(read.header("ETag")).isEqualTo("\"1\"");
        }
        assertThat(created.json().path("createdAt").asString())
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z");
    }

    @Test
    void sqlInATextIsJustText() {
        var sql = "x'; drop table orders; --";
        var created = api.call("POST", ORDERS)
                .header("Idempotency-Key", "'or'1'='1';drop_table_orders;--" + UUID.randomUUID())
                .body("{\"customerId\":\"%1$s\",\"reference\":\"%1$s\",\"amount\":1,\"currency\":\"EUR\"}"
                        .formatted(sql))
                .send();
        assertThat(created.status()).isEqualTo(201);
        var read = api.get(created.header("Location")).json();
        assertThat(read.path("customerId").asString()).isEqualTo(sql);
        assertThat(read.path("reference").asString()).isEqualTo(sql);
    }

    @Test
    void anUnchangedOrderIsNotSentAgain() {
        var created = api.create("saver", 1);
        var read = api.call("GET", created.header("Location"))
                .header("If-None-Match", "\"1\"")
                .send();
        assertThat(read.status()).isEqualTo(304);
        assertThat(read.response().body()).isEmpty();
    }

    @Test
    void singleOrdersComeFromRedisAfterTheFirstRead() {
        var location = api.create("cached", 5).header("Location");
        var hits = api.metric("order_cache_requests_total{result=\"hit\"}");
        api.get(location);
        assertThat(api.metric("order_cache_requests_total{result=\"hit\"}")).isEqualTo(hits);
        api.get(location);
        assertThat(api.metric("order_cache_requests_total{result=\"hit\"}")).isEqualTo(hits + 1);
    }

    @Test
    void aChangeIsSeenAtOnceAndAStaleOneRefused() {
        var location = api.create("writer", 100).header("Location");
        api.get(location);

        var changed = api.call("PUT", location)
                .header("If-Match", "\"1\"")
                .body(draft("writer", 200))
                .send();
        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.header("ETag")).isEqualTo("\"2\"");
        assertThat(api.get(location).json()).isEqualTo(changed.json());

        var stale = api.call("PUT", location)
                .header("If-Match", "\"1\"")
                .body(draft("writer", 300))
                .send();
        assertThat(stale.status()).isEqualTo(412);
        assertThat(api.get(location).json().path("amount").asLong()).isEqualTo(200);
    }

    @Test
    void ifMatchFollowsRfc9110() {
        var location = api.create("matcher", 1).header("Location");
        assertThat(put(location, "\"7\", \"1\"")).isEqualTo(200);
        assertThat(put(location, "*")).isEqualTo(200);
        assertThat(put(location, "W/\"3\"")).as("a weak tag never matches").isEqualTo(412);
        assertThat(put(location, "3")).as("no tag at all").isEqualTo(412);
        assertThat(api.call("PUT", location).body(draft("matcher", 2)).send().status())
                .isEqualTo(428);
        assertThat(put(ORDERS + "/" + UUID.randomUUID(), "*")).isEqualTo(404);
    }

    private int put(String location, String ifMatch) {
        return api.call("PUT", location)
                .header("If-Match", ifMatch)
                .body(draft("matcher", 2))
                .send()
                .status();
    }

    @Test
    void aDeletedOrderIsGone() {
        var location = api.create("remover", 1).header("Location");
        api.get(location);
        assertThat(api.call("DELETE", location)
                        .header("If-Match", "\"9\"")
                        .send()
                        .status())
                .isEqualTo(412);
        assertThat(api.call("DELETE", location)
                        .header("If-Match", "\"1\"")
                        .send()
                        .status())
                .isEqualTo(204);
        assertThat(api.get(location).status()).isEqualTo(404);
        assertThat(api.call("DELETE", location)
                        .header("If-Match", "\"1\"")
                        .send()
                        .status())
                .isEqualTo(404);
    }

    @Test
    void pagesHoldEveryOrderOnce() {
        var created = IntStream.range(0, 7)
                .mapToObj(i -> api.create("pager", i).json())
                .toList();
        var seen = new ArrayList<JsonNode>();
        var path = ORDERS + "?limit=3";
        String next = "";
        do {
            var page = api.get(path + (next.isEmpty() ? "" : "&after=" + next));
            assertThat(page.status()).isEqualTo(200);
            assertThat(page.json().path("items").size()).isLessThanOrEqualTo(3);
            page.json().path("items").forEach(seen::add);
            next = page.json().path("next").asString("");
        } while (!next.isEmpty());
        assertThat(seen).doesNotHaveDuplicates();
        assertThat(seen.stream()
                        .filter(order -> order.path("customerId").asString().equals("pager")))
                .as("in the order in which they came")
                .isEqualTo(created);
    }

    @Test
    void aRepeatedKeyGivesTheFirstAnswerAndOneRow() throws Exception {
        var key = UUID.randomUUID().toString();
        var first = createUnder(key, customer, 10);
        assertThat(first.status()).isEqualTo(201);
        // Changed since: the repeated request still gets what the first one got.
        api.call("PUT", first.header("Location"))
                .header("If-Match", "*")
                .body(draft(customer, 11))
                .send();

        var again = createUnder(key, customer, 10);
        assertThat(again.status()).isEqualTo(201);
        assertThat(again.json()).isEqualTo(first.json());
        assertThat(again.header("Location")).isEqualTo(first.header("Location"));
        assertThat(rowsOf(customer)).isEqualTo(1);
    }

    @Test
    void aKeyUsedForAnotherRequestIsRefused() throws Exception {
        var key = UUID.randomUUID().toString();
        createUnder(key, customer, 10);
        assertThat(createUnder(key, customer, 11).status()).isEqualTo(422);
        assertThat(rowsOf(customer)).isEqualTo(1);
    }

    @Test
    void aKeyBelongsToItsCaller() throws Exception {
        var key = UUID.randomUUID().toString();
        createUnder(key, customer, 10);
        var other = api.call("POST", ORDERS)
                .token(api.tokens.of("somebody else", "orders:write"))
                .header("Idempotency-Key", key)
                .body(draft(customer, 10))
                .send();
        assertThat(other.status()).isEqualTo(201);
        assertThat(rowsOf(customer)).isEqualTo(2);
    }

    @Test
    void requestsUnderOneKeyAtTheSameTimeMakeOneOrder() throws Exception {
        var key = UUID.randomUUID().toString();
        try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
            var answers = IntStream.range(0, 20)
                    .mapToObj(i -> clients.submit(() -> createUnder(key, customer, 10)))
                    .toList();
            for (var answer : answers) {
                assertThat(answer.get().status()).isEqualTo(201);
                assertThat(answer.get().json())
                        .isEqualTo(answers.getFirst().get().json());
            }
        }
        assertThat(rowsOf(customer)).isEqualTo(1);
    }

    private static RunningApi.Answer createUnder(String key, String customer, long amount) {
        return api.call("POST", ORDERS)
                .header("Idempotency-Key", key)
                .body(draft(customer, amount))
                .send();
    }

    private static int rowsOf(String customer) throws Exception {
        try (var connection = api.databases.connect("api");
                var statement = connection.prepareStatement("select count(*) from orders where customer_id = ?")) {
            statement.setString(1, customer);
            var rows = statement.executeQuery();
            rows.next();
            return rows.getInt(1);
        }
    }
}
