package dev.plimsoll.sample.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** What the API asks the intelligence service and what it makes of the answer. */
class InsightTest {

    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

    @Test
    void theScoreIsPassedOnAndTheIdsGoAlong() throws Exception {
        Map<String, String> received = new ConcurrentHashMap<>();
        var intelligence = FakeServer.start(exchange -> {
            for (var name : new String[] {"traceparent", "X-Request-Id", "Content-Type"}) {
                received.put(name, String.valueOf(exchange.getRequestHeaders().getFirst(name)));
            }
            received.put("body", new String(exchange.getRequestBody().readAllBytes(), UTF_8));
            var answer = """
                    {"customerId": "c-1", "currency": "EUR", "count": 12, "assessment": "unusual",
                     "expectedAmount": 2000, "deviation": 97000, "anomalyScore": 42.5, "method": "modified-z-score",
                     "andSomethingNew": true}""".getBytes(UTF_8);
            FakeServer.answer(exchange, answer);
        });
        try (intelligence;
                var api = RunningApi.with("INTELLIGENCE_URL=" + intelligence.url())) {
            var order = api.create("c-1", 99_000);
            var insight = api.call("GET", order.header("Location") + "/insight")
                    .header("traceparent", "00-" + TRACE + "-00f067aa0ba902b7-01")
                    .header("X-Request-Id", "call-2")
                    .send();

            assertThat(insight.status()).isEqualTo(200);
            assertThat(insight.json().path("available").asBoolean()).isTrue();
            assertThat(insight.json().has("reason")).isFalse();
            var score = insight.json().path("score");
            assertThat(score.path("count").asInt()).isEqualTo(12);
            assertThat(score.path("assessment").asString()).isEqualTo("unusual");
            assertThat(score.path("expectedAmount").asLong()).isEqualTo(2000);
            assertThat(score.path("deviation").asLong()).isEqualTo(97_000);
            assertThat(score.path("anomalyScore").asDouble()).isEqualTo(42.5);
            assertThat(api.metric("insight_requests_total{outcome=\"available\"}"))
                    .isEqualTo(1);

            assertThat(received.get("traceparent")).matches("00-" + TRACE + "-[0-9a-f]{16}-01");
            assertThat(received.get("X-Request-Id")).isEqualTo("call-2");
            assertThat(received.get("Content-Type")).isEqualTo("application/json");
            var question = new JsonMapper().readTree(received.get("body"));
            assertThat(question.propertyNames())
                    .containsExactlyInAnyOrder("orderId", "customerId", "amount", "currency");
            assertThat(question.path("orderId")).isEqualTo(order.json().path("id"));
            assertThat(question.path("amount").asLong()).isEqualTo(99_000);
        }
    }

    /** More questions at once than the bulkhead lets through are answered without a score; that is no fault of theirs. */
    @Test
    void aCrowdDoesNotMakeAHealthyServiceLookSick() throws Exception {
        var held = new CountDownLatch(1);
        var intelligence = FakeServer.start(exchange -> {
            try {
                held.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            var answer = "{\"count\": 0, \"assessment\": \"insufficient-history\", \"method\": \"m\"}".getBytes(UTF_8);
            FakeServer.answer(exchange, answer);
        });
        try (intelligence;
                var api = RunningApi.with(
                        "INTELLIGENCE_URL=" + intelligence.url(),
                        // However slow this machine is, none of the questions that wait may time out.
                        "spring.http.clients.read-timeout=20s");
                var clients = Executors.newVirtualThreadPerTaskExecutor()) {
            var path = api.create("crowd", 1).header("Location") + "/insight";
            for (var i = 0; i < 60; i++) {
                clients.submit(() -> api.get(path));
            }
            await().until(() -> api.metric("insight_requests_total{outcome=\"busy\"}") >= 10);
            held.countDown();
            await().until(() -> api.get(path).json().path("available").asBoolean());
            assertThat(api.metric("insight_requests_total{outcome=\"open\"}")).isZero();
        }
    }
}
