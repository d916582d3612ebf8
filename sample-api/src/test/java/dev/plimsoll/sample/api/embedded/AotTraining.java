package dev.plimsoll.sample.api.embedded;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the JDK's AOT cache in the build of the image. The service runs as it ships, on real databases, and serves real
 * requests: the cache holds the classes that were used, and none that was not. Then a migration and the service are
 * started from the cache, and may not do without.
 */
final class AotTraining implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final String ORDERS = "/api/v1/orders";

    private static final String ORDER =
            "{\"customerId\":\"c-1\",\"reference\":\"Rope\",\"amount\":1900,\"currency\":\"EUR\"}";

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final int port = EmbeddedDatabases.freePort();
    private final int managementPort = EmbeddedDatabases.freePort();
    private final EmbeddedDatabases databases;
    private final HttpServer intelligence;
    private final String token;

    private AotTraining() throws IOException {
        databases = EmbeddedDatabases.create(null);
        intelligence = fakeIntelligence();
        token = new Tokens(Path.of(databases.environment().get("SECRETS_DIRECTORY")))
                .of("training", "orders:read orders:write");
    }

    /** @param args the cache's file, then the command that starts the service without it */
    static void main(String[] args) throws Exception {
        var command = List.of(args).subList(1, args.length);
        try (var training = new AotTraining()) {
            System.out.println("Training the service");
            // With the quick compiler alone, which changes nothing about what is loaded.
            training.train(with(command, 1, "-XX:AOTCacheOutput=" + args[0], "-XX:TieredStopAtLevel=1"));
            var fromCache = with(command, 1, "-XX:AOTMode=on", "-XX:AOTCache=" + args[0]);
            System.out.println("Starting and migrating from the cache");
            training.start(fromCache);
            System.out.println("Trained");
        }
    }

    private static List<String> with(List<String> command, int position, String... more) {
        var all = new ArrayList<>(command);
        all.addAll(position, List.of(more));
        return all;
    }

    private void train(List<String> command) throws IOException, InterruptedException, SQLException {
        try (var service = new Command(command)) {
            // Meanwhile, for the service starts without them.
            databases.startAll();
            use(service);
        }
    }

    private void start(List<String> command) throws IOException, InterruptedException {
        try (var service = new Command(command);
                var migration = new Command(with(command, command.size(), "migrate"))) {
            use(service);
            migration.expectExit(0);
        }
    }

    /** From ready to the end, which comes as an engine sends it. */
    private void use(Command service) throws IOException, InterruptedException {
        await("/ready").atMost(PATIENCE).until(() -> service.ended() || isReady());
        // Thrice, for what is only used from the second time on.
        for (var round = 0; round < 3 && !service.ended(); round++) {
            useAll();
        }
        service.process.destroy();
        service.expectExit(143);
    }

    /** A process whose output is of interest only if it does not end as expected. */
    private final class Command implements AutoCloseable {
        private final Path log = Files.createTempFile("command-", ".log");
        private final Process process;

        private Command(List<String> command) throws IOException {
            var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
            var environment = builder.environment();
            environment.putAll(databases.environment());
            environment.put(
                    "INTELLIGENCE_URL",
                    "http://127.0.0.1:" + intelligence.getAddress().getPort());
            environment.put("API_PORT", String.valueOf(port));
            environment.put("API_MANAGEMENT_PORT", String.valueOf(managementPort));
            environment.put("RATE_LIMIT_PER_SECOND", "100000");
            environment.put("SHUTDOWN_DELAY", "0s");
            process = builder.start();
        }

        private boolean ended() {
            return !process.isAlive();
        }

        private void expectExit(int code) throws IOException, InterruptedException {
            if (!process.waitFor(PATIENCE) || process.exitValue() != code) {
                throw new IllegalStateException("Expected exit code %d, found %s. Its output:%n%s"
                        .formatted(code, process, Files.readString(log)));
            }
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    private boolean isReady() throws InterruptedException {
        try {
            return send("GET", port, "/ready", "").statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    /** What clients, load balancers and Prometheus ask for, rightly and wrongly. */
    private void useAll() throws IOException, InterruptedException {
        var created = expect(201, call("POST", ORDERS, ORDER, "Idempotency-Key", String.valueOf(System.nanoTime())));
        var location = created.headers().firstValue("Location").orElseThrow();
        expect(200, call("GET", location, ""));
        expect(200, call("GET", location, ""));
        expect(200, call("GET", location + "/insight", ""));
        expect(200, call("PUT", location, ORDER, "If-Match", "\"1\""));
        expect(412, call("PUT", location, ORDER, "If-Match", "\"1\""));
        expect(204, call("DELETE", location, "", "If-Match", "\"2\""));
        expect(404, call("GET", location, ""));
        expect(201, call("POST", ORDERS, ORDER));
        expect(200, call("GET", ORDERS + "?limit=5", ""));
        expect(400, call("POST", ORDERS, "{\"amount\": -1}"));
        expect(401, send("GET", port, ORDERS, ""));
        expect(200, send("GET", port, "/health", ""));
        expect(200, send("GET", port, "/ready", ""));
        expect(200, send("GET", managementPort, "/prometheus", ""));
    }

    private HttpResponse<String> call(String method, String path, String body, String... headers)
            throws IOException, InterruptedException {
        var all = new ArrayList<>(List.of(headers));
        all.addAll(List.of("Authorization", "Bearer " + token, "Content-Type", "application/json"));
        return send(method, port, path, body, all.toArray(String[]::new));
    }

    private HttpResponse<String> send(String method, int port, String path, String body, String... headers)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(10))
                .method(method, BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private static HttpResponse<String> expect(int status, HttpResponse<String> answer) {
        if (answer.statusCode() != status) {
            throw new IllegalStateException("Expected %d, found %s: %s".formatted(status, answer, answer.body()));
        }
        return answer;
    }

    /** Finds every order typical. */
    private static HttpServer fakeIntelligence() throws IOException {
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            var answer = "{\"count\":5,\"assessment\":\"typical\",\"method\":\"median\"}".getBytes(US_ASCII);
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        return server;
    }

    @Override
    public void close() throws IOException {
        client.close();
        intelligence.stop(0);
        databases.close();
    }
}
