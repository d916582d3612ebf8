package dev.plimsoll.sample.api.embedded;

import static org.awaitility.Awaitility.await;

import dev.plimsoll.sample.api.ApiApplication;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.springframework.context.ConfigurableApplicationContext;

/** `./run local`: embedded databases, the API in this process and the intelligence service beside it. */
final class Local implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final Path INTELLIGENCE = Path.of("sample-intelligence");

    private EmbeddedDatabases databases;
    private Process intelligence;
    private ConfigurableApplicationContext api;
    private boolean closed;
    /** What fails once the end has been asked for is no news. */
    private volatile boolean ending;

    private Local() {}

    static void main(String[] args) throws InterruptedException {
        var check = args.length > 0 && args[0].equals("--check");
        var local = new Local();
        Runtime.getRuntime().addShutdownHook(new Thread(local::close));
        try {
            local.startDatabases();
            local.startIntelligence(check);
            local.startApi(check);
            local.awaitReady(URI.create(local.apiUrl() + "/ready"));
            local.awaitReady(URI.create(local.intelligenceUrl() + "/ready"));
            if (check) {
                System.exit(new Walkthrough(local.apiUrl()).run() ? 0 : 1);
            }
        } catch (IOException | SQLException | RuntimeException e) {
            if (!local.ending) {
                System.err.println("Could not run: " + e.getMessage());
                System.exit(1);
            }
        }
        System.out.printf(
                """

                Ready. The API is on %1$s, its OpenAPI document on %1$s/openapi, its metrics on http://127.0.0.1:%2$s/prometheus.
                In another terminal:
                    cd %3$s
                    curl -H "Authorization: Bearer $(./run token)" %1$s/api/v1/orders
                Ctrl-C ends all of it; the data is gone then.
                """,
                local.apiUrl(),
                System.getenv("API_MANAGEMENT_PORT"),
                Path.of("").toAbsolutePath());
        new CountDownLatch(1).await();
    }

    // Each step knows its process before another thread can ask for the end of all.

    private void startDatabases() throws IOException, SQLException {
        synchronized (this) {
            databases = EmbeddedDatabases.create(Path.of(System.getenv("SECRETS_DIRECTORY")));
        }
        databases.startAll();
    }

    private synchronized void startIntelligence(boolean check) throws IOException {
        if (closed) {
            return;
        }
        var builder = new ProcessBuilder(
                        INTELLIGENCE
                                .resolve(".venv/bin/python")
                                .toAbsolutePath()
                                .toString(),
                        "-m",
                        "intelligence")
                .directory(INTELLIGENCE.toFile())
                .inheritIO();
        if (check) {
            builder.redirectOutput(Path.of("target/log/intelligence.log").toFile());
        }
        builder.environment().putAll(databases.environment());
        builder.environment().put("INTELLIGENCE_HOST", "127.0.0.1");
        builder.environment().put("WEB_CONCURRENCY", "1");
        intelligence = builder.start();
    }

    private synchronized void startApi(boolean check) {
        if (closed) {
            return;
        }
        var application = ApiApplication.service();
        // The end has an order here: first the services, then their databases.
        application.setRegisterShutdownHook(false);
        api = application.run(databases.arguments(
                "--INTELLIGENCE_URL=" + intelligenceUrl(),
                "--server.address=127.0.0.1",
                "--management.server.address=127.0.0.1",
                // A walk through the API shows requests and answers; log lines between them only disturb.
                "--logging.level.root=" + (check ? "warn" : "info")));
    }

    private String intelligenceUrl() {
        return "http://127.0.0.1:" + System.getenv("INTELLIGENCE_PORT");
    }

    private String apiUrl() {
        return "http://127.0.0.1:" + System.getenv("API_PORT");
    }

    private void awaitReady(URI ready) {
        try (var client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(1))
                .build()) {
            var request =
                    HttpRequest.newBuilder(ready).timeout(Duration.ofSeconds(2)).build();
            await(ready + " to say 200").atMost(PATIENCE).until(() -> {
                if (!intelligence.isAlive()) {
                    throw new IllegalStateException(
                            "the intelligence service ended with %d; its own last words are above, or in target/log/intelligence.log."
                                    .formatted(intelligence.exitValue()));
                }
                try {
                    return client.send(request, BodyHandlers.discarding()).statusCode() == 200;
                } catch (IOException e) {
                    return false;
                }
            });
        }
    }

    @Override
    public void close() {
        ending = true;
        closeAll();
    }

    private synchronized void closeAll() {
        if (closed) {
            return;
        }
        closed = true;
        if (api != null) {
            api.close();
        }
        if (intelligence != null) {
            intelligence.destroy();
            try {
                if (!intelligence.waitFor(Duration.ofSeconds(20))) {
                    intelligence.destroyForcibly();
                }
            } catch (InterruptedException e) {
                intelligence.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
        if (databases != null) {
            databases.closeAtExit();
        }
    }
}
