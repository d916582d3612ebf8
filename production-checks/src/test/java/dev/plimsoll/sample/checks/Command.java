package dev.plimsoll.sample.checks;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A command on this machine, run as a person would run it. */
record Command(List<String> words, Path folder, Map<String, String> environment, String input) {

    private static final Duration PATIENCE = Duration.ofMinutes(6);

    /** How a command ended, and what it printed. */
    record Result(int exit, String out, String err) {

        String text() {
            return (out + err).strip();
        }
    }

    static Command of(List<String> words) {
        return new Command(words, Path.of("").toAbsolutePath(), Map.of(), "");
    }

    static Command of(String... words) {
        return of(List.of(words));
    }

    Command in(Path other) {
        return new Command(words, other, environment, input);
    }

    Command with(Map<String, String> more) {
        var all = new TreeMap<>(environment);
        all.putAll(more);
        return new Command(words, folder, all, input);
    }

    Command saying(String text) {
        return new Command(words, folder, environment, text);
    }

    Result result() {
        var builder = new ProcessBuilder(words).directory(folder.toFile());
        builder.environment().putAll(environment);
        try {
            var process = builder.start();
            var out = CompletableFuture.supplyAsync(() -> read(process.getInputStream()), Thread::startVirtualThread);
            var err = CompletableFuture.supplyAsync(() -> read(process.getErrorStream()), Thread::startVirtualThread);
            try (var stdin = process.outputWriter()) {
                stdin.write(input);
            } catch (IOException e) {
                // It ended without reading: its exit code and output say more.
            }
            if (!process.waitFor(PATIENCE)) {
                process.destroyForcibly();
                throw new AssertionError("Expected %s to end within %s.".formatted(words, PATIENCE));
            }
            return new Result(process.exitValue(), out.join(), err.join());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted while waiting for " + words, e);
        }
    }

    /** What it prints on standard output, if it succeeds. */
    String output() {
        var result = result();
        if (result.exit != 0) {
            throw new AssertionError(
                    "Expected success of %s, found exit code %d: %s".formatted(words, result.exit, result.text()));
        }
        return result.out.strip();
    }

    List<String> lines() {
        return output().lines().toList();
    }

    JsonNode json() {
        return JsonMapper.shared().readTree(output());
    }

    private static String read(InputStream stream) {
        try (stream) {
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
