package dev.plimsoll.sample.checks;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** The stack that Compose makes of this tree and its environment; everything about it is discovered. */
final class Stack {

    /** For {@code @ResourceLock}: who only looks shares it, who disturbs it has it alone. */
    static final String LOCK = "stack";

    static final Path ROOT = root();
    private static final String DOCKER = client();
    private static final Stack STACK = new Stack();

    private final JsonNode config;
    private final List<Service> services = new ArrayList<>();

    private Stack() {
        config = compose("config", "--format", "json").json();
        config.path("services").forEachEntry((name, service) -> services.add(new Service(this, name, service)));
    }

    /** The stack, which has to be up. */
    static Stack up() {
        if (!STACK.services.stream().allMatch(service -> service.isUp() || !service.isLongRunning())) {
            throw new AssertionError("Expected all services of %s to run, found: %s. Start them with ./run up."
                    .formatted(STACK.project(), compose("ps", "--all").output()));
        }
        return STACK;
    }

    /** The stack as it is written, up or not. */
    static Stack asConfigured() {
        return STACK;
    }

    private static Path root() {
        for (var folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            if (Files.exists(folder.resolve("compose.yaml"))) {
                return folder;
            }
        }
        throw new AssertionError(
                "Expected compose.yaml in the working directory or above it. Run this in the project.");
    }

    /** The first client that has its plugins, as in {@code ./run}. */
    private static String client() {
        var candidates = Stream.concat(
                Stream.ofNullable(System.getenv("DOCKER")),
                Stream.of(System.getenv("PATH").split(File.pathSeparator)).map(folder -> folder + "/docker"));
        return candidates
                .filter(client -> Files.isExecutable(Path.of(client)))
                .filter(client ->
                        Command.of(client, "compose", "version").result().exit() == 0)
                .findFirst()
                .orElseThrow(() -> new AssertionError("No Docker client with Compose found. Expected docker on the"
                        + " PATH, or the path of one in the environment variable DOCKER."));
    }

    static Command docker(String... arguments) {
        return Command.of(Stream.concat(Stream.of(DOCKER), Stream.of(arguments)).toList())
                .in(ROOT);
    }

    static Command compose(String... arguments) {
        return docker(Stream.concat(Stream.of("compose"), Stream.of(arguments)).toArray(String[]::new));
    }

    /** A task of {@code ./run}. */
    static Command task(String... arguments) {
        return Command.of(
                        Stream.concat(Stream.of("./run"), Stream.of(arguments)).toList())
                .in(ROOT);
    }

    String project() {
        return config.path("name").asString();
    }

    JsonNode config() {
        return config;
    }

    List<Service> services() {
        return services;
    }

    /** Those with a container that is meant to stay. */
    List<Service> longRunning() {
        return services.stream().filter(Service::isLongRunning).toList();
    }

    /** Those whose images are built here. */
    List<Service> own() {
        return services.stream().filter(Service::isOwn).toList();
    }

    Service service(String name) {
        return services.stream()
                .filter(service -> service.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("Expected a service %s, found: %s".formatted(name, services)));
    }

    /** What must be nowhere but in its file, by the name of the file: a line long enough to be found by chance nowhere. */
    static Map<String, String> secrets() {
        var secrets = new TreeMap<String, String>();
        try (var files = Files.list(ROOT.resolve("secrets"))) {
            for (var file : files.toList()) {
                var text = Files.readString(file);
                if (!text.contains("PUBLIC KEY")) {
                    // Of a key the second line of its body, since the first one begins alike in all.
                    var lines = text.strip().lines().toList();
                    secrets.put(file.getFileName().toString(), lines.get(Math.min(2, lines.size() - 1)));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return secrets;
    }
}
