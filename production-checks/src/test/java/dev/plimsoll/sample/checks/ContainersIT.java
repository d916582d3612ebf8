package dev.plimsoll.sample.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import tools.jackson.databind.JsonNode;

/** What holds a container back, as the kernel sees it: for every process of every service. */
// Alone, since other checks start processes in the containers, with passwords in their environments.
@ResourceLock(Stack.LOCK)
class ContainersIT {

    /** User and group of each service's processes; a service that is not here fails the test. */
    private static final Map<String, String> USERS =
            Map.of("api", "1001 1001", "intelligence", "1001 1001", "postgres", "999 999", "redis", "999 1000");

    private static final Set<String> CAPABILITIES = Set.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb");

    /** What the engine itself mounts into every container, to be written to or not. */
    private static final Set<String> MOUNTS_OF_THE_ENGINE = Set.of(
            "/proc",
            "/dev",
            "/dev/pts",
            "/dev/mqueue",
            "/dev/shm",
            "/sys/fs/cgroup",
            "/etc/hosts",
            "/etc/hostname",
            "/etc/resolv.conf");

    private final Stack stack = Stack.up();

    @Test
    void everyProcessRunsAsThePromisedUserAndGroup() {
        for (var service : stack.longRunning()) {
            var expected = USERS.get(service.name());
            assertThat(expected).as("a user promised for %s", service.name()).isNotNull();
            var user = expected.split(" ")[0];
            var group = expected.split(" ")[1];
            assertThat(service.processes()).allSatisfy(process -> {
                assertThat(process.status().get("Uid").split(" "))
                        .as("real, effective, saved and file system user of %s", process.arguments())
                        .containsOnly(user);
                assertThat(process.status().get("Gid").split(" "))
                        .as("real, effective, saved and file system group of %s", process.arguments())
                        .containsOnly(group);
            });
        }
    }

    /** CapEff alone is 0 for every process that is not root, whatever it may gain. */
    @Test
    void noProcessHasOrCanGainACapability() {
        for (var service : stack.longRunning()) {
            assertThat(service.processes()).allSatisfy(process -> {
                assertThat(CAPABILITIES)
                        .allSatisfy(set -> assertThat(process.status().get(set))
                                .as("%s of %s", set, process.arguments())
                                .matches("0+"));
                assertThat(process.status().get("NoNewPrivs"))
                        .as("NoNewPrivs of %s", process.arguments())
                        .isEqualTo("1");
                assertThat(process.status().get("Seccomp"))
                        .as("Seccomp of %s (2 is a filter)", process.arguments())
                        .isEqualTo("2");
            });
        }
    }

    /** As root, since another user is refused on a writable file system too. */
    @Test
    void evenRootCannotWriteToTheFileSystem() {
        for (var service : stack.longRunning()) {
            var init = service.init();
            assertThat(init.mounts())
                    .as("/ of %s", service.name())
                    .anyMatch(mount -> mount.path().equals("/") && !mount.isWritable());
            for (var folder : new String[] {"/", "/etc/", "/usr/"}) {
                assertThat(init.writeRefused(folder + "written-by-a-check"))
                        .as("writing into %s of %s", folder, service.name())
                        .isEqualTo("Read-only file system");
            }
        }
    }

    @Test
    void onlyWhatTheComposeFilesListIsWritable() {
        for (var service : stack.longRunning()) {
            var writable = service.init().mounts().stream()
                    .filter(ContainerProcess.Mount::isWritable)
                    // Files of /proc that the engine hides behind the null device.
                    .filter(mount -> !mount.root().equals("/null"))
                    .map(ContainerProcess.Mount::path)
                    .filter(path -> !MOUNTS_OF_THE_ENGINE.contains(path));
            assertThat(writable)
                    .as("writable mounts of %s", service.name())
                    .containsExactlyInAnyOrderElementsOf(service.writableMounts())
                    // Where data is, and no program.
                    .allMatch(path -> path.matches("/(tmp|run|data|var/lib|var/log)(/.*)?"));
        }
    }

    @Test
    void whatIsInMemoryIsBoundedAndRunsNothing() {
        for (var service : stack.longRunning()) {
            var inMemory = service.init().mounts().stream()
                    .filter(mount -> mount.type().equals("tmpfs") && mount.isWritable())
                    .filter(mount -> service.writableMounts().contains(mount.path())
                            || mount.path().equals("/dev/shm"))
                    .toList();
            assertThat(inMemory)
                    .as("tmpfs of %s", service.name())
                    .hasSizeGreaterThan(1)
                    .allSatisfy(mount -> {
                        assertThat(mount.options()).as(mount.path()).contains("noexec", "nosuid", "nodev");
                        assertThat(mount.superOptions())
                                .as(mount.path())
                                .anyMatch(option -> option.startsWith("size="));
                    });
        }
    }

    @Test
    void theKernelHoldsEachContainerToItsLimits() {
        for (var service : stack.longRunning()) {
            var config = service.config();
            assertThat(Limits.of(service.init()))
                    .as("limits of %s", service.name())
                    .isEqualTo(new Limits(
                            config.path("mem_limit").asLong(Long.MAX_VALUE),
                            config.path("memswap_limit").asLong(Long.MAX_VALUE),
                            config.path("cpus").asDouble(Double.POSITIVE_INFINITY),
                            config.path("pids_limit").asLong(Long.MAX_VALUE)))
                    .satisfies(limits -> assertThat(limits.memory()).isLessThanOrEqualTo(1L << 30))
                    .satisfies(limits -> assertThat(limits.swap()).isEqualTo(limits.memory()))
                    .satisfies(limits -> assertThat(limits.cpus()).isLessThanOrEqualTo(1))
                    .satisfies(limits -> assertThat(limits.processes()).isLessThanOrEqualTo(256));
        }
    }

    /** By value: a name says nothing about what is in a variable. */
    @Test
    void noSecretIsInAnEnvironmentACommandLineALogOrTheEnginesRecord() {
        var secrets = Stack.secrets();
        assertThat(secrets).as("secrets to look for").hasSizeGreaterThan(4);
        for (var service : stack.longRunning()) {
            var places = new TreeMap<>(Map.of(
                    "record", service.inspect().toString(),
                    "log", Stack.docker("logs", service.container()).result().text()));
            for (var process : service.processes()) {
                places.put("environment of " + process.arguments(), process.read("environ"));
                places.put("command line of " + process.pid(), process.read("cmdline"));
            }
            secrets.forEach((name, value) -> places.forEach((place, text) -> assertThat(text.contains(value))
                    .as("%s in the %s of %s", name, place, service.name())
                    .isFalse()));
        }
    }

    @Test
    void logsCannotFillTheDisk() {
        for (var service : stack.services()) {
            var options = host(service).path("LogConfig").path("Config");
            assertThat(options.path("max-size").asString(""))
                    .as("size of a log file of %s", service.name())
                    .matches("[1-9][0-9]?m");
            assertThat(options.path("max-file").asString(""))
                    .as("number of log files of %s", service.name())
                    .matches("[1-9]");
        }
    }

    @Test
    void dumbInitIsTheFirstProcessOfOurOwnImages() {
        assertThat(stack.own()).hasSizeGreaterThan(1).allSatisfy(service -> {
            assertThat(service.init().arguments())
                    .as("first process of %s", service.name())
                    .startsWith("/usr/bin/dumb-init", "--");
            assertThat(service.init().status().get("Name")).isEqualTo("dumb-init");
        });
    }

    @Test
    void everyContainerIsHealthyAndComesBackByItself() {
        assertThat(stack.longRunning()).hasSizeGreaterThan(3).allSatisfy(service -> {
            assertThat(service.isHealthy()).as("%s is healthy", service.name()).isTrue();
            assertThat(host(service).path("RestartPolicy").path("Name").asString())
                    .as("restart policy of %s", service.name())
                    .isEqualTo("unless-stopped");
        });
    }

    /** What ends before anybody can look at its processes is held to what the engine was told. */
    @Test
    void stepsThatEndAreHardenedTooAndNobodyRunsDevelopment() {
        for (var service : stack.services()) {
            var host = host(service);
            assertThat(host.path("ReadonlyRootfs").asBoolean())
                    .as("read-only root of %s", service)
                    .isTrue();
            assertThat(host.path("CapDrop").toString())
                    .as("dropped capabilities of %s", service)
                    .isEqualTo("[\"ALL\"]");
            assertThat(host.path("SecurityOpt").toString())
                    .as("security options of %s", service)
                    .isEqualTo("[\"no-new-privileges:true\"]");
            assertThat(host.path("Memory").asLong()).as("memory of %s", service).isBetween(1L, 1L << 30);
            assertThat(host.path("PidsLimit").asLong())
                    .as("processes of %s", service)
                    .isBetween(1L, 256L);
            assertThat(service.inspect().path("Config").path("User").asString())
                    .as("user of %s", service)
                    .matches("[1-9]\\d*:[1-9]\\d*");
            assertThat(service.inspect().path("Config").path("Labels").has("environment"))
                    .as("%s is a container of the development stack", service)
                    .isFalse();
        }
    }

    @Test
    void noContainerSharesSomethingOfTheHost() {
        for (var service : stack.services()) {
            var host = host(service);
            assertThat(host.path("Privileged").asBoolean()).as(service.name()).isFalse();
            for (var space : new String[] {"PidMode", "IpcMode", "UTSMode", "UsernsMode"}) {
                assertThat(host.path(space).asString(""))
                        .as("%s of %s", space, service.name())
                        .isNotEqualTo("host");
            }
            assertThat(host.path("NetworkMode").asString()).startsWith(stack.project() + "_");
            assertThat(host.path("Devices")).as("devices of %s", service.name()).isEmpty();
            assertThat(host.path("GroupAdd"))
                    .as("further groups of %s", service.name())
                    .isEmpty();
        }
    }

    /** Only files of this project, only to be read: so no socket of the engine either, under whatever name. */
    @Test
    void nothingOfTheHostIsMountedButFilesOfThisProject() {
        for (var service : stack.services()) {
            for (var mount : service.inspect().path("Mounts")) {
                if (mount.path("Type").asString().equals("bind")) {
                    var source = Path.of(mount.path("Source").asString());
                    assertThat(mount.path("RW").asBoolean())
                            .as("%s writable in %s", source, service.name())
                            .isFalse();
                    assertThat(source).as("mounted into %s", service.name()).startsWith(Stack.ROOT);
                    assertThat(Files.isRegularFile(source, LinkOption.NOFOLLOW_LINKS) || Files.isDirectory(source))
                            .as("%s, mounted into %s, is a file or folder", source, service.name())
                            .isTrue();
                }
            }
        }
    }

    @Test
    void onlyTheApiIsPublishedAndOnlyWhereApiBindSays() {
        for (var service : stack.services()) {
            var published = host(service).path("PortBindings");
            if (service.name().equals("api")) {
                var port = service.config().path("ports").path(0);
                assertThat(published.propertyNames()).containsExactly("3000/tcp");
                assertThat(published.path("3000/tcp")).hasSize(1).first().satisfies(binding -> {
                    assertThat(binding.path("HostIp").asString("anywhere"))
                            .isEqualTo(port.path("host_ip").asString());
                    assertThat(binding.path("HostPort").asString())
                            .isEqualTo(port.path("published").asString());
                });
            } else {
                assertThat(published)
                        .as("published ports of %s", service.name())
                        .isEmpty();
            }
        }
    }

    private static JsonNode host(Service service) {
        return service.inspect().path("HostConfig");
    }
}
