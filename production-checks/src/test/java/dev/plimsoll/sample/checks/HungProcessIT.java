package dev.plimsoll.sample.checks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** A process that hangs is replaced; one whose database is away is left alone. */
@ResourceLock(Stack.LOCK)
class HungProcessIT {

    private final Stack stack = Stack.up();
    private final Api api = new Api(stack, "hung-process");

    @AfterEach
    void everythingIsBack() {
        Stack.docker("unpause", stack.service("postgres").container()).result();
        await().atMost(Duration.ofMinutes(1))
                .until(() -> api.get("/ready").status() == 200
                        && stack.longRunning().stream().allMatch(Service::isHealthy));
    }

    /** All processes of both services at once, so that the minutes are waited once. */
    @Test
    void frozenServicesServeAgainWithinThreeMinutes() {
        var order = api.create("hung", "hung-" + System.nanoTime())
                .json()
                .path("id")
                .asString();
        await().atMost(Duration.ofSeconds(30)).until(() -> hasInsight(order));
        var restarts = of(Service::restarts);
        var processes = of(HungProcessIT::application);

        try {
            processes.values().forEach(each -> each.forEach(process -> process.signal("STOP")));
            assertThat(api.get("/health").status()).as("answer of a frozen API").isZero();
            await().atMost(Duration.ofMinutes(3))
                    .pollInterval(Duration.ofSeconds(1))
                    .untilAsserted(() -> {
                        assertThat(api.get("/health").status()).as("/health").isEqualTo(200);
                        assertThat(hasInsight(order))
                                .as("an insight is available")
                                .isTrue();
                        assertThat(stack.own()).as("healthy").allMatch(Service::isHealthy);
                    });
        } finally {
            // If nobody has replaced them, the checks to come need them.
            processes.values().forEach(each -> each.forEach(ContainerProcess::thaw));
        }

        restarts.replaceAll((service, before) -> before + 1);
        assertThat(of(Service::restarts)).as("restarts").isEqualTo(restarts);
        of(HungProcessIT::application)
                .forEach((service, now) -> assertThat(pids(now))
                        .as("processes of %s", service)
                        .isNotEmpty()
                        .doesNotContainAnyElementsOf(pids(processes.get(service))));
    }

    /** Longer than a hung process would live. A paused server takes connections and never answers, the worst it can do. */
    @Test
    void withoutPostgresqlNothingIsRestarted() throws Exception {
        var restarts = of(Service::restarts);
        var processes = of(service -> pids(application(service)));

        Stack.docker("pause", stack.service("postgres").container()).output();
        await().atMost(Duration.ofSeconds(10)).until(() -> api.get("/ready").status() == 503);
        for (var end = System.nanoTime() + Duration.ofSeconds(100).toNanos(); System.nanoTime() < end; ) {
            assertThat(api.get("/health").status())
                    .as("/health without PostgreSQL")
                    .isEqualTo(200);
            assertThat(api.get("/ready").status())
                    .as("/ready without PostgreSQL")
                    .isEqualTo(503);
            Thread.sleep(1000);
        }
        assertThat(stack.own()).as("healthy without PostgreSQL").allMatch(Service::isHealthy);
        Stack.docker("unpause", stack.service("postgres").container()).output();
        await().atMost(Duration.ofSeconds(30)).until(() -> api.get("/ready").status() == 200);

        assertThat(of(Service::restarts)).as("restarts").isEqualTo(restarts);
        assertThat(of(service -> pids(application(service)))).as("processes").isEqualTo(processes);
    }

    private boolean hasInsight(String order) {
        var insight = api.insight(order);
        return insight.status() == 200 && insight.json().path("available").asBoolean();
    }

    private <T> Map<String, T> of(Function<Service, T> property) {
        return new TreeMap<>(stack.own().stream().collect(Collectors.toMap(Service::name, property)));
    }

    private static Set<Long> pids(List<ContainerProcess> processes) {
        return processes.stream().map(ContainerProcess::pid).collect(Collectors.toSet());
    }

    /** The first process and what it started: without health checks, whose parent is outside. */
    private static List<ContainerProcess> application(Service service) {
        var init = service.init();
        var known = new HashSet<>(Set.of(init.pid()));
        var children = new HashMap<Long, List<ContainerProcess>>(
                service.processes().stream().collect(Collectors.groupingBy(ContainerProcess::parent)));
        var found = new ArrayList<>(List.of(init));
        for (var i = 0; i < found.size(); i++) {
            children.getOrDefault(found.get(i).pid(), List.of()).stream()
                    .filter(child -> known.add(child.pid()))
                    .forEach(found::add);
        }
        return found;
    }
}
