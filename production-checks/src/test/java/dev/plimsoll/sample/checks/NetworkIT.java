package dev.plimsoll.sample.checks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Who can connect to whom, tried from inside the containers' own networks with this machine's programs. */
@ResourceLock(value = Stack.LOCK, mode = ResourceAccessMode.READ)
class NetworkIT {

    private static final String CONNECTED = "connected";

    private final Stack stack = Stack.up();

    @BeforeEach
    void needsRoot() {
        assumeThat(Command.of("id", "-u").output())
                .as("user id (only root can enter a network)")
                .isEqualTo("0");
    }

    /**
     * The outside is a network of this machine that knows no way back to containers, as the real one knows none: an
     * answer comes only to who speaks with the address of this machine. No packet leaves the machine.
     */
    @Test
    void noContainerReachesTheOutside() throws Exception {
        try (var outside = new Outside()) {
            assertThat(connect(UnaryOperator.identity(), outside.address, 9))
                    .as("control: this machine reaches the outside, where nothing listens")
                    .contains("refused");
            var container = Stack.docker(
                            "run",
                            "--detach",
                            "--rm",
                            "--network",
                            "bridge",
                            "--entrypoint",
                            "sleep",
                            stack.service("postgres").inspect().path("Image").asString(),
                            "60")
                    .output();
            try {
                var pid = Stack.docker("inspect", container)
                        .json()
                        .path(0)
                        .path("State")
                        .path("Pid")
                        .asLong();
                assertThat(connect(into(pid), outside.address, 9))
                        .as("control: a container of an ordinary network reaches the outside")
                        .contains("refused");
            } finally {
                Stack.docker("rm", "--force", container).output();
            }
            for (var service : stack.longRunning()) {
                assertThat(connect(into(service.init().pid()), outside.address, 9))
                        .as("%s to the outside", service.name())
                        .containsPattern("unreachable|no answer");
            }
        }
    }

    @Test
    void onlyTheApiHasARouteThatLeavesItsNetworks() {
        for (var service : stack.longRunning()) {
            var routes = service.init().inItsNetwork("ip", "-oneline", "route").output()
                    + service.init()
                            .inItsNetwork("ip", "-oneline", "-6", "route")
                            .output();
            if (service.name().equals("api")) {
                assertThat(routes).as("the way in is a way back too").contains("default");
            } else {
                assertThat(routes).as("routes of %s", service.name()).doesNotContain("default");
            }
        }
    }

    /** An internal network alone does not keep the host out, nor the containers from the host. */
    @Test
    void theHostHasNoAddressInAnInternalNetwork() {
        var internal = 0;
        for (var id : networks()) {
            var network = Stack.docker("network", "inspect", id).json().path(0);
            if (network.path("Internal").asBoolean()) {
                internal++;
                assertThat(Command.of("ip", "-4", "-oneline", "address", "show", "dev", bridge(id))
                                .output())
                        .as("addresses of the host in %s", network.path("Name").asString())
                        .isEmpty();
            }
        }
        assertThat(internal).as("internal networks").isGreaterThanOrEqualTo(3);
    }

    /** The API is in the network that publishes its port; whoever is on this machine reaches its other port there too. */
    @Test
    void theHostReachesNoServiceButTheApi() {
        var reached = new ArrayList<String>();
        for (var service : stack.longRunning()) {
            service.addresses().forEach((network, address) -> {
                // What leads elsewhere than into that network is no way in, and must not be tried: it leaves the
                // machine.
                if (Command.of("ip", "route", "get", address).result().text().contains("dev " + bridge(network))) {
                    for (var port : ports(service)) {
                        if (connect(UnaryOperator.identity(), address, port).equals(CONNECTED)) {
                            reached.add(service.name() + ":" + port);
                        }
                    }
                }
            });
        }
        assertThat(reached)
                .as("what the host reaches by the address of a container")
                .contains("api:3000")
                .allMatch(port -> port.startsWith("api:"));
    }

    @Test
    void whoSharesANetworkCanConnect() {
        for (var pair : List.of(
                "api postgres 5432",
                "api redis 6379",
                "api intelligence 8000",
                "intelligence postgres 5432",
                "intelligence redis 6379")) {
            var words = pair.split(" ");
            var from = stack.service(words[0]);
            var to = stack.service(words[1]);
            var shared = new TreeSet<>(from.addresses().keySet());
            shared.retainAll(to.addresses().keySet());
            assertThat(shared)
                    .as("networks that %s and %s share", from.name(), to.name())
                    .isNotEmpty();
            for (var network : shared) {
                assertThat(connect(into(from.init().pid()), to.addresses().get(network), Integer.parseInt(words[2])))
                        .as(pair)
                        .isEqualTo(CONNECTED);
            }
        }
    }

    /** The API serves clients in one network and uses the databases in another, which has nobody else in it. */
    @Test
    void nobodyElseIsInTheNetworksOfTheStack() {
        for (var id : networks()) {
            var members = new TreeSet<String>();
            Stack.docker("network", "inspect", id)
                    .json()
                    .path(0)
                    .path("Containers")
                    .propertyNames()
                    .forEach(members::add);
            var own = stack.longRunning().stream().map(Service::container).toList();
            assertThat(own).as("members of %s", id).containsAll(members);
        }
    }

    private List<String> networks() {
        return Stack.docker(
                        "network",
                        "ls",
                        "--quiet",
                        "--no-trunc",
                        "--filter",
                        "label=com.docker.compose.project=" + stack.project())
                .lines();
    }

    private static String bridge(String network) {
        return "br-" + network.substring(0, 12);
    }

    private static UnaryOperator<List<String>> into(long pid) {
        return words -> Stream.concat(Stream.of("nsenter", "--target", String.valueOf(pid), "--net"), words.stream())
                .toList();
    }

    private static String connect(UnaryOperator<List<String>> place, String address, int port) {
        var result = Command.of(place.apply(List.of(
                        "timeout", "3", "bash", "-c", "exec 3<>\"/dev/tcp/$0/$1\"", address, String.valueOf(port))))
                .result();
        return switch (result.exit()) {
            case 0 -> CONNECTED;
            case 124 -> "no answer";
            default -> result.text();
        };
    }

    /** TCP ports on which a container listens for others. */
    private static TreeSet<Integer> ports(Service service) {
        var ports = new TreeSet<Integer>();
        var init = service.init();
        (init.read("net/tcp") + init.read("net/tcp6"))
                .lines()
                .map(line -> line.strip().split("\\s+"))
                .filter(fields -> fields[3].equals("0A"))
                .map(fields -> fields[1].split(":"))
                // 127.0.0.x, in the kernel's byte order.
                .filter(local -> !local[0].endsWith("00007F"))
                .forEach(local -> ports.add(HexFormat.fromHexDigits(local[1])));
        return ports;
    }

    /** A network namespace behind an interface of this machine, with addresses that are kept for tests of networks. */
    private static final class Outside implements AutoCloseable {

        private final String address = "198.18.99.2";

        private final String name = "outside" + ProcessHandle.current().pid() % 100_000;

        Outside() {
            ip("netns", "add", name);
            ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name);
            ip("address", "add", "198.18.99.1/30", "dev", name);
            ip("link", "set", name, "up");
            ip("-netns", name, "address", "add", address + "/30", "dev", "eth0");
            ip("-netns", name, "link", "set", "eth0", "up");
        }

        private static void ip(String... words) {
            Command.of(Stream.concat(Stream.of("ip"), Stream.of(words)).toList())
                    .output();
        }

        @Override
        public void close() {
            ip("netns", "delete", name);
        }
    }
}
