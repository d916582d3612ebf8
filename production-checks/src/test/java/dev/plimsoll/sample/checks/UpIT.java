package dev.plimsoll.sample.checks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code ./run up} says where it can't go on: one clear message, and nothing is started. */
class UpIT {

    @TempDir
    private Path folder;

    private OtherStack stack;

    @BeforeEach
    void copy() throws IOException {
        stack = OtherStack.in(Tree.copyTo(folder.resolve("tree")), "up");
    }

    @AfterEach
    void nothingIsLeft() {
        stack.close();
    }

    @Test
    void aTakenPort() throws IOException {
        try (var taken = new ServerSocket(stack.port(), 1, InetAddress.getLoopbackAddress())) {
            assertRefused(stack.task("up"), "Port " + taken.getLocalPort() + " is taken", "API_PORT");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "0", "65536", "80 80"})
    void aPortThatIsNone(String port) {
        assertRefused(stack.task("up").with(Map.of("API_PORT", port)), "API_PORT", "expected a port", port);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0/24", "64/26"})
    void aSubnetInUse(String part) {
        var name = stack.project() + "-taken";
        Stack.docker("network", "create", "--internal", "--subnet", stack.subnet() + "." + part, name)
                .output();
        try {
            assertRefused(stack.task("up"), "SUBNET", "in use by the network " + name);
        } finally {
            Stack.docker("network", "rm", name).output();
        }
    }

    @Test
    void noEngine() {
        assertRefused(
                stack.task("up").with(Map.of("DOCKER_HOST", "unix:///nonexistent.sock")),
                "No Docker engine answers",
                "DOCKER_HOST");
    }

    @Test
    void noClient() throws IOException {
        // What the task file needs until it looks for docker, and no docker.
        var path = Files.createDirectory(folder.resolve("path"));
        for (var program : List.of("bash", "dirname")) {
            var script = path.resolve(program);
            Files.writeString(script, "#!/bin/sh\nexec /usr/bin/%s \"$@\"\n".formatted(program));
            Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        assertRefused(stack.task("up").with(Map.of("PATH", path.toString())), "No Docker client", "Compose and Buildx");
    }

    @Test
    void anEngineThatIsTooOld() throws IOException {
        assertRefused(withDocker("20.10.24", "2.30.0"), "engine is too old", "25 or newer", "20.10.24");
    }

    @Test
    void aComposeThatIsTooOld() throws IOException {
        assertRefused(withDocker("26.1.5", "2.23.3"), "Compose is too old", "2.24 or newer", "2.23.3");
    }

    private Command withDocker(String engine, String compose) throws IOException {
        var client = Files.createDirectories(folder.resolve("bin")).resolve("docker");
        Files.writeString(
                client,
                "#!/bin/sh\ncase \"$1\" in version) echo %s ;; compose) echo %s ;; buildx) ;; *) exit 1 ;; esac\n"
                        .formatted(engine, compose));
        Files.setPosixFilePermissions(client, PosixFilePermissions.fromString("rwxr-xr-x"));
        return stack.task("up").with(Map.of("PATH", client.getParent() + ":" + System.getenv("PATH")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "short", "changeme", "password-password-password", "example-example-example-example"})
    void aSecretThatIsNone(String secret) throws IOException {
        stack.task("secrets").output();
        for (var name : List.of("postgres_backup_password", "redis_api_password")) {
            var file = folder.resolve("tree/secrets").resolve(name);
            var good = Files.readString(file);
            Files.delete(file);
            Files.writeString(file, secret);
            assertRefused(stack.task("up"), "secrets/" + name, "xpected a ");
            Files.writeString(file, good);
        }
    }

    /** Read-only for root too, which no mode of a folder is. */
    @Test
    void aFolderThatCannotBeWritten() {
        assertRefused(
                inItsOwnMounts("mount --bind . . && cd . && mount -o remount,bind,ro ."),
                "to be able to write",
                "owner");
    }

    @Test
    void aFullDisk() {
        assertRefused(
                inItsOwnMounts(
                        "mkdir full && mount -t tmpfs -o size=16m tmpfs full && tar c --exclude=./full . | tar x -C full"
                                + " && cd full && { cat /dev/zero >fill 2>/dev/null || true; }"),
                "Too little space",
                "found 0 GB");
    }

    /** Runs it where the preparation mounted something that nobody else sees. */
    private Command inItsOwnMounts(String preparation) {
        assumeThat(Command.of("id", "-u").output())
                .as("user id (only root can mount)")
                .isEqualTo("0");
        return Command.of("unshare", "--mount", "bash", "-ec", preparation + "\ncd \"$PWD\"; exec ./run up")
                .in(stack.folder())
                .with(stack.environment());
    }

    private void assertRefused(Command command, String... parts) {
        var result = command.result();
        assertThat(result.text()).as("what ./run up says").contains(parts);
        assertThat(result.exit()).as("exit code; it said: %s", result.text()).isEqualTo(1);
        assertThat(result.text().lines()).as("one message").hasSize(1);
        stack.assertThatNothingIsThere();
    }
}
