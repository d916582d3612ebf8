package dev.plimsoll.sample.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The API as a process of its own: for what only shows from outside, such as signals, exit codes and its output. */
final class ApiProcess implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Process process;
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Thread reader;

    private ApiProcess(Process process) {
        this.process = process;
        reader = Thread.startVirtualThread(this::readLines);
    }

    /** Starts it with Spring's {@code --name=value}. */
    static ApiProcess start(String... arguments) throws IOException {
        var classpath = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.endsWith("test-classes"))
                .reduce((left, right) -> left + File.pathSeparator + right)
                .orElseThrow();
        var command = new ArrayList<String>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classpath,
                ApiApplication.class.getName()));
        command.addAll(List.of(arguments));
        return new ApiProcess(
                new ProcessBuilder(command).redirectErrorStream(true).start());
    }

    private void readLines() {
        try (BufferedReader out = process.inputReader()) {
            out.lines().forEach(lines::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What it has printed so far. */
    List<String> lines() {
        return List.copyOf(lines);
    }

    /** Waits for a line of its output. */
    void awaitLine(Predicate<String> wanted) {
        await().atMost(PATIENCE).untilAsserted(() -> assertThat(lines).anyMatch(wanted));
    }

    void terminate() {
        // The handle's, for the process's own also closes its output, whose last lines are wanted.
        process.toHandle().destroy();
    }

    int awaitExit() throws InterruptedException {
        if (!process.waitFor(PATIENCE)) {
            throw new AssertionError("Still running after " + PATIENCE);
        }
        reader.join();
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
