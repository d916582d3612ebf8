package dev.plimsoll.sample.api;

import static dev.plimsoll.sample.api.RunningApi.draft;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.plimsoll.sample.api.embedded.EmbeddedDatabases;
import dev.plimsoll.sample.api.embedded.Tokens;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** SIGTERM under load, seen from outside: no request that was accepted is lost. */
class ShutdownTest {

    private static final int CLIENTS = 8;

    @Test
    void noAcceptedRequestIsLost() throws Exception {
        var port = EmbeddedDatabases.freePort();
        var url = "http://127.0.0.1:" + port;
        try (var databases = EmbeddedDatabases.start();
                var process = ApiProcess.start(databases.arguments(
                        "--API_PORT=" + port,
                        "--API_MANAGEMENT_PORT=0",
                        "--RATE_LIMIT_PER_SECOND=100000",
                        "--SHUTDOWN_DELAY=2s"))) {
            var tokens = new Tokens(Path.of(databases.environment().get("SECRETS_DIRECTORY")));
            var load = new Load(url, tokens.of("client", "orders:write"));
            await().atMost(Duration.ofSeconds(60)).until(() -> ready(url) == 200);

            try (var clients = Executors.newVirtualThreadPerTaskExecutor()) {
                var running = new ArrayList<Future<?>>();
                for (var i = 0; i < CLIENTS; i++) {
                    running.add(clients.submit(load));
                }
                await().until(() -> load.acknowledged.size() > 100);

                process.terminate();
                await().atMost(Duration.ofSeconds(5)).until(() -> ready(url) == 503);
                var servedBefore = load.acknowledged.size();
                await().atMost(Duration.ofSeconds(5)).until(() -> load.acknowledged.size() > servedBefore);
                // What a load balancer does: it has seen the 503 and sends nothing new.
                load.stop.set(true);
                for (var client : running) {
                    client.get();
                }
                slowOne(databases, load, url, clients);
                assertThat(process.awaitExit())
                        .as("ended by SIGTERM after a clean end")
                        .isEqualTo(143);
            }

            assertThat(load.broken).as("requests that began and got no answer").isEmpty();
            assertThat(load.refused).as("answers other than 201").isEmpty();
            assertThat(load.closing.get())
                    .as("answers told clients to go elsewhere")
                    .isTrue();
            assertThat(rows(databases))
                    .as("every answered order has its row, and only those")
                    .isEqualTo(load.acknowledged);
            assertThat(process.lines()).anyMatch(line -> line.contains("Shutdown started"));
        }
    }

    /** A request that is under way when the server stops listening, because it waits for a key that we hold. */
    private static void slowOne(EmbeddedDatabases databases, Load load, String url, ExecutorService clients)
            throws Exception {
        try (var connection = databases.connect("api");
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("insert into idempotency_keys (caller, key, request_hash, response)"
                    + " values ('client', 'slow', '', '')");
            var slow = clients.submit(() -> load.post("slow"));
            await().atMost(Duration.ofSeconds(5)).until(() -> ready(url) == 0);
            assertThat(slow.isDone()).as("still under way").isFalse();
            connection.rollback();
            slow.get();
        }
    }

    private static int ready(String url) throws InterruptedException {
        try (var client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create(url + "/ready")).build(), BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException e) {
            return 0;
        }
    }

    private static Set<String> rows(EmbeddedDatabases databases) throws Exception {
        var ids = new HashSet<String>();
        try (var connection = databases.connect("api");
                var statement = connection.createStatement();
                var rows = statement.executeQuery("select id from orders")) {
            while (rows.next()) {
                ids.add(rows.getString(1));
            }
        }
        return ids;
    }

    /** A client: an order after another, none tried twice, with a ledger of what became of each. */
    private static final class Load implements Runnable {
        private final HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
        final Set<String> broken = ConcurrentHashMap.newKeySet();
        final List<Integer> refused = Collections.synchronizedList(new ArrayList<>());
        final AtomicBoolean closing = new AtomicBoolean();
        final AtomicBoolean stop = new AtomicBoolean();
        private final String url;
        private final String token;
        private final JsonMapper json = new JsonMapper();

        Load(String url, String token) {
            this.url = url;
            this.token = token;
        }

        @Override
        public void run() {
            while (!stop.get()) {
                post("");
            }
        }

        void post(String key) {
            var request = HttpRequest.newBuilder(URI.create(url + "/api/v1/orders"))
                    .header("Authorization", "Bearer " + token)
                    .header("Content-Type", "application/json")
                    .timeout(Duration.ofSeconds(20))
                    .POST(BodyPublishers.ofString(draft("load", 1)));
            if (!key.isEmpty()) {
                request.header("Idempotency-Key", key);
            }
            try {
                var answer = client.send(request.build(), BodyHandlers.ofString());
                if (answer.statusCode() == 201) {
                    acknowledged.add(json.readTree(answer.body()).path("id").asString());
                } else {
                    refused.add(answer.statusCode());
                }
                if (answer.headers().firstValue("Connection").orElse("").equals("close")) {
                    closing.set(true);
                }
            } catch (IOException e) {
                broken.add(e.toString());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
