package dev.plimsoll.sample.api;

import static dev.plimsoll.sample.api.RunningApi.ORDERS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is open, what is not, and what a browser is told. */
class SecurityTest {

    private static RunningApi api;

    @BeforeAll
    static void start() throws Exception {
        api = RunningApi.shared();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/health", "/ready", "/openapi"})
    void isOpen(String path) {
        assertThat(api.call("GET", path).token("").send().status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/prometheus",
                "/actuator",
                "/actuator/env",
                "/metrics",
                "/error",
                "/",
                "/swagger-ui.html",
                "/.well-known/oauth-protected-resource"
            })
    void isClosedOnThePublicPort(String path) {
        assertThat(api.call("GET", path).token("").send().status()).isIn(401, 403);
        assertThat(api.get(path).status()).as("with a token").isEqualTo(403);
        assertThat(api.call("GET", path).token("").send().header("Set-Cookie"))
                .as("a session, which would cost memory for whoever asks")
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/env", "/configprops", "/heapdump", "/beans", "/loggers", "/shutdown", "/threaddump"})
    void isNotServedOnTheManagementPort(String path) {
        assertThat(api.managementGet(path).status()).isIn(401, 404);
    }

    @Test
    void headIsAllowedWhereGetIs() {
        assertThat(api.call("HEAD", "/health").token("").send().status()).isEqualTo(200);
        assertThat(api.call("HEAD", "/ready").token("").send().status()).isEqualTo(200);
        assertThat(api.call("HEAD", ORDERS)
                        .token(api.tokens.of("reader", "orders:read"))
                        .send()
                        .status())
                .isEqualTo(200);
    }

    @Test
    void healthTellsNothingButItsState() {
        assertThat(api.get("/health").response().body()).isEqualTo("{\"status\":\"UP\"}");
        assertThat(api.get("/ready").response().body()).isEqualTo("{\"status\":\"UP\"}");
        assertThat(api.managementGet("/health").json().has("components")).isFalse();
    }

    @Test
    void answersCarrySecurityHeaders() {
        var answer = api.get(ORDERS);
        assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(answer.header("X-Frame-Options")).isEqualTo("DENY");
        assertThat(answer.header("Cache-Control")).contains("no-store");
        assertThat(answer.header("Content-Security-Policy")).contains("default-src 'none'");
        assertThat(answer.header("Referrer-Policy")).isEqualTo("no-referrer");
        assertThat(answer.header("Server")).isEmpty();
    }

    @Test
    void aRefusalSaysHowToAuthenticate() {
        assertThat(api.call("GET", ORDERS).token("").send().header("WWW-Authenticate"))
                .isEqualTo("Bearer");
        assertThat(api.call("GET", ORDERS).token("abc").send().header("WWW-Authenticate"))
                .isEqualTo("Bearer error=\"invalid_token\"");
    }

    @Test
    void noOtherOriginMayCall() {
        var preflight = api.call("OPTIONS", ORDERS)
                .token("")
                .header("Origin", "https://shop.example")
                .header("Access-Control-Request-Method", "GET")
                .send();
        assertThat(preflight.status()).isEqualTo(403);
        assertThat(preflight.header("Access-Control-Allow-Origin")).isEmpty();
    }

    @Test
    void anOriginThatIsNamedMayCall() throws Exception {
        try (var open = RunningApi.with("CORS_ALLOWED_ORIGINS=https://shop.example")) {
            var preflight = open.call("OPTIONS", ORDERS)
                    .token("")
                    .header("Origin", "https://shop.example")
                    .header("Access-Control-Request-Method", "POST")
                    .send();
            assertThat(preflight.status()).isEqualTo(200);
            assertThat(preflight.header("Access-Control-Allow-Origin")).isEqualTo("https://shop.example");
        }
    }

    @Test
    void aCallerThatAsksTooOftenIsToldWhenToComeAgain() throws Exception {
        try (var limited = RunningApi.with("RATE_LIMIT_PER_SECOND=3")) {
            var answers =
                    IntStream.range(0, 20).mapToObj(i -> limited.get(ORDERS)).toList();
            var refused = answers.stream()
                    .filter(answer -> answer.status() == 429)
                    .findFirst()
                    .orElseThrow();
            assertThat(refused.header("Retry-After")).isEqualTo("1");
            assertThat(refused.header("Content-Type")).startsWith("application/problem+json");

            var neighbour = limited.call("GET", ORDERS)
                    .token(limited.tokens.of("neighbour", "orders:read"))
                    .send();
            assertThat(neighbour.status()).as("another caller").isEqualTo(200);
        }
    }

    @Test
    void theRequestIdIsTheCallersIfItIsSane() {
        assertThat(api.call("GET", "/health")
                        .header("X-Request-Id", "order-4711_a.b")
                        .send()
                        .header("X-Request-Id"))
                .isEqualTo("order-4711_a.b");
        assertThat(api.call("GET", "/health")
                        .header("X-Request-Id", "a b\"c")
                        .send()
                        .header("X-Request-Id"))
                .matches("[0-9a-f-]{36}");
    }
}
