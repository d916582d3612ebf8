package dev.plimsoll.archetype;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** A process with an end in sight. */
record Command(Path folder, Map<String, String> environment, String typed, List<String> words) {

    private static final Pattern COLOURS = Pattern.compile("\u001B\\[[;\\d]*m");

    static Command of(Path folder, String... words) {
        return new Command(folder, Map.of(), "", List.of(words));
    }

    Command with(Map<String, String> environment) {
        return new Command(folder, environment, typed, words);
    }

    Command input(String typed) {
        return new Command(folder, environment, typed, words);
    }

    Result run() throws IOException, InterruptedException {
        var output = Files.createTempFile("command", ".log");
        var input = Files.writeString(Files.createTempFile("command", ".in"), typed);
        try {
            var builder = new ProcessBuilder(words)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectInput(input.toFile())
                    .redirectOutput(output.toFile());
            builder.environment().putAll(environment);
            var process = builder.start();
            if (!process.waitFor(30, TimeUnit.MINUTES)) {
                process.descendants().forEach(ProcessHandle::destroy);
                process.destroy();
                throw new IOException("Expected an end of %s within 30 minutes, found: %s"
                        .formatted(words, Files.readString(output)));
            }
            return new Result(
                    words,
                    process.exitValue(),
                    COLOURS.matcher(Files.readString(output)).replaceAll(""));
        } finally {
            Files.delete(input);
            Files.delete(output);
        }
    }

    record Result(List<String> words, int exitCode, String output) {

        Result assertSuccess() {
            assertThat(exitCode)
                    .as("exit code of %s, which said:%n%s", words, output)
                    .isZero();
            return this;
        }
    }
}
