package dev.plimsoll.sample.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * A second stack beside the one that is up, to be started, broken and deleted.
 *
 * @param folder where its task file is
 */
record OtherStack(Path folder, String project, String subnet, int port) implements AutoCloseable {

    /** What was handed out is not handed out again, whether a network has it by now or not. */
    private static final AtomicInteger NEXT = new AtomicInteger(200);

    static OtherStack in(Path folder, String suffix) {
        return new OtherStack(folder, Stack.asConfigured().project() + "-" + suffix, freeSubnet(), freePort());
    }

    /** Three numbers, as the setting SUBNET has them. */
    private static String freeSubnet() {
        var taken = Stack.docker("network", "ls", "--quiet").lines().stream()
                // Nothing, if somebody has removed it meanwhile.
                .map(id -> Stack.docker("network", "inspect", id).result().out())
                .reduce("", String::concat);
        return IntStream.generate(NEXT::getAndIncrement)
                .takeWhile(number -> number < 256)
                .mapToObj("172.28.%d"::formatted)
                .filter(subnet -> !taken.contains("\"" + subnet + "."))
                .findFirst()
                .orElseThrow(
                        () -> new AssertionError("Expected a free subnet in 172.28.200 to 172.28.255, found none."));
    }

    static int freePort() {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Map<String, String> environment() {
        return Map.of("COMPOSE_PROJECT_NAME", project, "SUBNET", subnet, "API_PORT", String.valueOf(port));
    }

    Command task(String... arguments) {
        return Stack.task(arguments).in(folder).with(environment());
    }

    Command compose(String... arguments) {
        return Stack.compose(arguments).in(folder).with(environment());
    }

    /** The engine's containers, networks and volumes that belong to it. */
    Map<String, List<String>> parts() {
        var label = "label=com.docker.compose.project=" + project;
        var parts = new TreeMap<String, List<String>>();
        parts.put(
                "containers",
                Stack.docker("ps", "--all", "--quiet", "--filter", label).lines());
        parts.put(
                "networks",
                Stack.docker("network", "ls", "--quiet", "--filter", label).lines());
        parts.put(
                "volumes",
                Stack.docker("volume", "ls", "--quiet", "--filter", label).lines());
        return parts;
    }

    void assertThatNothingIsThere() {
        assertThat(parts())
                .as("parts of %s", project)
                .allSatisfy((kind, found) -> assertThat(found).as(kind).isEmpty());
    }

    @Override
    public void close() {
        compose("down", "--volumes", "--remove-orphans").output();
    }
}
