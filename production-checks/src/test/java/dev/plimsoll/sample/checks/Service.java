package dev.plimsoll.sample.checks;

import static java.util.function.Predicate.not;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** A service of the stack: what the Compose files say of it, and its container. */
record Service(Stack stack, String name, JsonNode config) {

    /** Its name alone: what Compose says of it may hold a secret, which reports must not. */
    @Override
    public String toString() {
        return name;
    }

    /** Unless another service waits for its end. */
    boolean isLongRunning() {
        return stack.config()
                .path("services")
                .valueStream()
                .noneMatch(other -> other.path("depends_on")
                        .path(name)
                        .path("condition")
                        .asString("")
                        .equals("service_completed_successfully"));
    }

    boolean isOwn() {
        return isLongRunning() && config.has("build");
    }

    boolean isUp() {
        return containers("--filter", "status=running").size() == 1;
    }

    String image() {
        return config.path("image").asString();
    }

    String environment(String variable) {
        return config.path("environment").path(variable).asString("");
    }

    private List<String> containers(String... more) {
        var words = new ArrayList<>(List.of(
                "ps",
                "--all",
                "--quiet",
                "--no-trunc",
                "--filter",
                "label=com.docker.compose.project=" + stack.project(),
                "--filter",
                "label=com.docker.compose.oneoff=False",
                "--filter",
                "label=com.docker.compose.service=" + name));
        words.addAll(List.of(more));
        return Stack.docker(words.toArray(String[]::new)).lines();
    }

    /** The id of its container now: a recreated one has another. */
    String container() {
        return containers().getFirst();
    }

    JsonNode inspect() {
        return Stack.docker("inspect", container()).json().path(0);
    }

    int restarts() {
        return inspect().path("RestartCount").asInt();
    }

    boolean isHealthy() {
        return inspect()
                .path("State")
                .path("Health")
                .path("Status")
                .asString("")
                .equals("healthy");
    }

    /** A command in its container, as its user. */
    Command exec(String... words) {
        return Stack.docker(Stream.concat(Stream.of("exec", "--interactive", container()), Stream.of(words))
                .toArray(String[]::new));
    }

    /** The address of its container in each network, by the network's id. */
    Map<String, String> addresses() {
        var addresses = new TreeMap<String, String>();
        inspect()
                .path("NetworkSettings")
                .path("Networks")
                .forEach(network -> addresses.put(
                        network.path("NetworkID").asString(),
                        network.path("IPAddress").asString()));
        return addresses;
    }

    /** All processes in its container; skips the test where the kernel does not show them. */
    List<ContainerProcess> processes() {
        var container = container();
        var processes = Stack.docker("top", container, "-eo", "pid").lines().stream()
                .skip(1)
                .map(line -> ContainerProcess.read(Long.parseLong(line.strip())))
                .flatMap(Optional::stream)
                .toList();
        assumeThat(processes)
                .as(
                        "processes of %s in /proc (not there: the engine runs on another machine, or this is not root)",
                        name)
                .isNotEmpty()
                .allMatch(process -> process.isIn(container));
        return processes;
    }

    /** The first process of its container. */
    ContainerProcess init() {
        var pid = inspect().path("State").path("Pid").asLong();
        return processes().stream()
                .filter(process -> process.pid() == pid)
                .findFirst()
                .orElseThrow(() -> new AssertionError("Expected process %d of %s to run.".formatted(pid, name)));
    }

    /** Where Compose mounts something that may be written to. */
    Set<String> writableMounts() {
        var paths = new TreeSet<String>();
        config.path("tmpfs").forEach(tmpfs -> paths.add(tmpfs.asString().replaceAll(":.*", "")));
        config.path("volumes")
                .valueStream()
                .filter(not(volume -> volume.path("read_only").asBoolean(false)))
                .forEach(volume -> paths.add(volume.path("target").asString()));
        // A link everywhere; the kernel names where it leads.
        return paths.stream()
                .map(path -> path.replaceFirst("^/var/run/", "/run/"))
                .collect(Collectors.toSet());
    }
}
