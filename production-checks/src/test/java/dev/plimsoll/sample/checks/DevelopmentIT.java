package dev.plimsoll.sample.checks;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./run dev} from its start to its end: what a developer can reach, and that an edit is live without a build. */
class DevelopmentIT {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    private final HttpClient client = HttpClient.newHttpClient();
    private final Map<String, String> environment = new HashMap<>(Map.of("COMPOSE_FILE", "compose.dev.yaml"));
    private OtherStack stack;
    private Process run;

    @BeforeEach
    void start() throws IOException {
        stack = OtherStack.in(Tree.copyTo(folder.resolve("tree")), "dev");
        environment.putAll(stack.environment());
        for (var port : new String[] {
            "INTELLIGENCE_PORT", "POSTGRES_DEVELOPMENT_PORT", "REDIS_DEVELOPMENT_PORT", "API_DEBUG_PORT"
        }) {
            environment.put(port, String.valueOf(OtherStack.freePort()));
        }
        var builder = new ProcessBuilder("./run", "dev")
                .directory(stack.folder().toFile())
                .redirectErrorStream(true)
                .redirectOutput(log().toFile());
        builder.environment().putAll(environment);
        run = builder.start();
        await("a development stack that serves").atMost(Duration.ofMinutes(5)).until(() -> {
            assertThat(run.isAlive())
                    .as("./run dev goes on; it said: %s", Files.readString(log()))
                    .isTrue();
            return Files.readString(log()).contains("Ctrl-C ends it");
        });
    }

    @AfterEach
    void end() throws InterruptedException {
        run.destroy();
        run.waitFor();
        client.close();
        Stack.compose("down", "--volumes", "--remove-orphans")
                .in(stack.folder())
                .with(environment)
                .output();
        stack.assertThatNothingIsThere();
    }

    @Test
    void anEditIsLiveWithoutABuild() throws Exception {
        assertThat(get("API_PORT", "/swagger-ui/index.html")).contains("Swagger UI");
        assertThat(get("INTELLIGENCE_PORT", "/docs")).contains("swagger");
        assertThat(say("REDIS_DEVELOPMENT_PORT", "PING\r\n"))
                .as("Redis, without a password")
                .isEqualTo("+PONG\r\n");
        assertThat(say("API_DEBUG_PORT", "JDWP-Handshake")).as("debugger").isEqualTo("JDWP-Handshake");
        for (var container : stack.parts().get("containers")) {
            var bindings = Stack.docker("port", container).lines();
            assertThat(bindings)
                    .as("published ports of %s", container)
                    .isNotEmpty()
                    .allMatch(binding -> binding.contains("-> 127.0.0.1:"));
        }

        var containers = stack.parts().get("containers");
        edit("WebConfiguration.java", "title(\"Orders\")", "title(\"Edited\")");
        await("the edited Java file")
                .atMost(PATIENCE)
                .untilAsserted(() -> assertThat(get("API_PORT", "/openapi")).contains("\"title\":\"Edited\""));
        edit("app.py", "title=SERVICE,", "title=\"Edited\",");
        await("the edited Python file")
                .atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(get("INTELLIGENCE_PORT", "/openapi.json")).contains("\"title\":\"Edited\""));
        assertThat(stack.parts().get("containers"))
                .as("containers, which an edit leaves alone")
                .isEqualTo(containers);

        run.destroy();
        assertThat(run.waitFor(1, TimeUnit.MINUTES)).as("an end of ./run dev").isTrue();
        assertThat(stack.parts().get("containers"))
                .as("containers after its end")
                .isEmpty();
        assertThat(stack.parts().get("networks")).as("networks after its end").isEmpty();
        assertThat(stack.parts().get("volumes")).as("volumes after its end").isNotEmpty();
    }

    private Path log() {
        return folder.resolve("dev.log");
    }

    private void edit(String name, String old, String edited) throws IOException {
        try (var files = Files.walk(stack.folder())) {
            var file = files.filter(path -> path.endsWith(name)).findFirst().orElseThrow();
            var text = Files.readString(file);
            assertThat(text).contains(old);
            Files.writeString(file, text.replace(old, edited));
        }
    }

    /** The text of an answer, also of one that is none yet because the service restarts. */
    private String get(String port, String path) throws InterruptedException {
        var uri = URI.create("http://127.0.0.1:%s%s".formatted(environment.get(port), path));
        try {
            return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            return e.toString();
        }
    }

    private String say(String port, String text) throws IOException {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(environment.get(port)))) {
            socket.getOutputStream().write(text.getBytes(US_ASCII));
            return new String(
                    socket.getInputStream().readNBytes(text.equals("PING\r\n") ? 7 : text.length()), US_ASCII);
        }
    }
}
