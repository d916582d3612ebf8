package dev.plimsoll.sample.api;

import dev.plimsoll.sample.api.embedded.EmbeddedDatabases;
import dev.plimsoll.sample.api.embedded.Tokens;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The API as it ships, on free ports, with real databases of its own, and a client for it. */
final class RunningApi implements AutoCloseable {

    static final String ORDERS = "/api/v1/orders";

    private static final JsonMapper JSON = new JsonMapper();
    private static RunningApi shared;

    final EmbeddedDatabases databases;
    final Tokens tokens;
    final ConfigurableApplicationContext context;
    private final HttpClient client = HttpClient.newHttpClient();

    private final boolean ownsDatabases;

    private RunningApi(EmbeddedDatabases databases, boolean ownsDatabases, String... settings) throws IOException {
        this.databases = databases;
        this.ownsDatabases = ownsDatabases;
        var all = new TreeMap<>(databases.environment());
        all.putAll(Map.of("API_PORT", "0", "API_MANAGEMENT_PORT", "0", "SHUTDOWN_DELAY", "0s", "LOG_FORMAT", "text"));
        for (var setting : settings) {
            var nameAndValue = setting.split("=", 2);
            all.put(nameAndValue[0], nameAndValue[1]);
        }
        tokens = new Tokens(Path.of(all.get("SECRETS_DIRECTORY")));
        try {
            context = ApiApplication.service()
                    .run(all.entrySet().stream()
                            .map(setting -> "--" + setting.getKey() + "=" + setting.getValue())
                            .toArray(String[]::new));
        } catch (RuntimeException e) {
            if (ownsDatabases) {
                databases.close();
            }
            throw e;
        }
    }

    /** One for all tests that leave its databases running; it ends with the JVM. */
    static synchronized RunningApi shared() throws IOException, SQLException {
        if (shared == null) {
            shared = new RunningApi(EmbeddedDatabases.start(), true, "RATE_LIMIT_PER_SECOND=10000");
        }
        return shared;
    }

    /** Another process on the shared databases, with settings ({@code NAME=value}) of its own. */
    static RunningApi with(String... settings) throws IOException, SQLException {
        return new RunningApi(shared().databases, false, settings);
    }

    /** One with databases of its own, which a test may stop. */
    static RunningApi withOwnDatabases() throws IOException, SQLException {
        return new RunningApi(EmbeddedDatabases.start(), true);
    }

    int port() {
        return Integer.parseInt(context.getEnvironment().getRequiredProperty("local.server.port"));
    }

    int managementPort() {
        return Integer.parseInt(context.getEnvironment().getRequiredProperty("local.management.port"));
    }

    /** An answer of the API. */
    record Answer(int status, HttpResponse<String> response) {

        JsonNode json() {
            return JSON.readTree(response.body());
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }
    }

    /** A request under way; sent as a caller who may read and write unless it says otherwise. */
    final class Call {
        private final HttpRequest.Builder request;
        private final String method;
        private BodyPublisher body = BodyPublishers.noBody();
        private String token = tokens.of("tester", "orders:read orders:write");

        private Call(String method, URI uri) {
            this.method = method;
            request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(15));
        }

        Call body(String json) {
            return body(BodyPublishers.ofString(json), "application/json");
        }

        Call body(BodyPublisher content, String type) {
            body = content;
            request.header("Content-Type", type);
            return this;
        }

        Call header(String name, String value) {
            request.header(name, value);
            return this;
        }

        Call token(String other) {
            token = other;
            return this;
        }

        Answer send() {
            if (!token.isEmpty()) {
                request.header("Authorization", "Bearer " + token);
            }
            try {
                var response = client.send(request.method(method, body).build(), BodyHandlers.ofString());
                return new Answer(response.statusCode(), response);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    Call call(String method, String path) {
        return new Call(method, URI.create("http://127.0.0.1:" + port() + path));
    }

    Answer get(String path) {
        return call("GET", path).send();
    }

    /** A new order of a customer. */
    Answer create(String customer, long amount) {
        return call("POST", ORDERS).body(draft(customer, amount)).send();
    }

    Answer managementGet(String path) {
        return new Call("GET", URI.create("http://127.0.0.1:" + managementPort() + path))
                .token("")
                .send();
    }

    static String draft(String customer, long amount) {
        return "{\"customerId\":\"%s\",\"reference\":\"Two ropes\",\"amount\":%d,\"currency\":\"EUR\"}"
                .formatted(customer, amount);
    }

    /** The value of a metric whose line starts so, 0 if there is none. */
    double metric(String start) {
        return managementGet("/prometheus")
                .response()
                .body()
                .lines()
                .filter(line -> line.startsWith(start))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Override
    public void close() throws IOException {
        context.close();
        client.close();
        if (ownsDatabases) {
            databases.close();
        }
    }
}
