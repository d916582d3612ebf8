package dev.plimsoll.sample.api;

import static dev.plimsoll.sample.api.RunningApi.ORDERS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.plimsoll.sample.api.embedded.EmbeddedDatabases;
import dev.plimsoll.sample.api.embedded.Tokens;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a log collector gets from the process: one JSON object a line from the first to the last, with the ids. */
class LogTest {

    private static final JsonMapper JSON = new JsonMapper();
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

    @Test
    void everyLineIsJsonAndCarriesTheIds() throws Exception {
        var port = EmbeddedDatabases.freePort();
        try (var databases = EmbeddedDatabases.start();
                var process = ApiProcess.start(
                        databases.arguments("--API_PORT=" + port, "--API_MANAGEMENT_PORT=0", "--SHUTDOWN_DELAY=0s"));
                var client = HttpClient.newHttpClient()) {
            process.awaitLine(line -> line.contains("Started ApiApplication"));
            var secrets = Path.of(databases.environment().get("SECRETS_DIRECTORY"));
            var token = new Tokens(secrets).of("tester", "orders:read");
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + ORDERS + "?x=%0A%22%7D"))
                    .header("Authorization", "Bearer " + token)
                    .header("traceparent", "00-" + TRACE + "-00f067aa0ba902b7-01")
                    .header("X-Request-Id", "call-1");
            client.send(request.build(), BodyHandlers.discarding());
            databases.stopPostgres();
            client.send(request.build(), BodyHandlers.discarding());
            process.awaitLine(line -> line.contains(ORDERS + " 503"));
            process.terminate();
            process.awaitExit();

            assertThat(process.lines()).allSatisfy(line -> {
                var entry = JSON.readTree(line);
                assertThat(Instant.parse(entry.path("@timestamp").asString()))
                        .isBetween(Instant.now().minus(Duration.ofMinutes(5)), Instant.now());
                assertThat(entry.path("log").path("level").asString())
                        .isNotEmpty()
                        .isNotEqualTo("DEBUG");
                assertThat(entry.path("service").path("name").asString()).isNotEmpty();
                assertThat(entry.path("message").asString()).isNotEmpty();
            });
            var requestLine = process.lines().stream()
                    .map(JSON::readTree)
                    .filter(entry -> entry.path("message").asString().contains(ORDERS + " 200"))
                    .findFirst()
                    .orElseThrow();

            assertIds(requestLine);
            assertThat(requestLine
                            .path("http")
                            .path("response")
                            .path("status_code")
                            .asInt())
                    .isEqualTo(200);
            assertThat(requestLine.path("event").path("duration").asLong()).isPositive();

            for (var secret : new String[] {"postgres_api_password", "redis_api_password"}) {
                var value = Files.readString(secrets.resolve(secret));
                assertThat(process.lines()).noneMatch(line -> line.contains(value));
            }
            assertThat(process.lines()).noneMatch(line -> line.contains(token));
        }
    }

    private static void assertIds(JsonNode entry) {
        assertThat(entry.path("trace").path("id").asString()).isEqualTo(TRACE);
        assertThat(entry.path("span").path("id").asString()).matches("[0-9a-f]{16}");
        assertThat(entry.path("http").path("request").path("id").asString()).isEqualTo("call-1");
    }
}
