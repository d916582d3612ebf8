package dev.plimsoll.sample.checks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** A new container for the API while clients write, as an update makes one: short, and nothing acknowledged is lost. */
@ResourceLock(Stack.LOCK)
class RecreateIT {

    private final Stack stack = Stack.up();

    @Test
    void aNewApiContainerInterruptsForSecondsAndLosesNothing() throws Exception {
        try (var load = new OrderLoad(stack)) {
            await().atMost(Duration.ofMinutes(1)).until(() -> load.acknowledged() > 300);
            var before = stack.service("api").container();
            Stack.compose("up", "--detach", "--wait", "--no-deps", "--no-build", "--force-recreate", "api")
                    .output();
            assertThat(stack.service("api").container()).isNotEqualTo(before);
            var recovered = load.acknowledged();
            await().atMost(Duration.ofMinutes(1)).until(() -> load.acknowledged() > recovered + 300);
            load.finish();

            var report = "%d orders acknowledged; %d requests failed within %.1f s, and were acknowledged when repeated"
                    .formatted(
                            load.acknowledged(), load.failures(), load.outage().toMillis() / 1000.0);
            Files.writeString(Files.createDirectories(Path.of("target")).resolve("recreate.txt"), report + "\n");
            System.out.println("Recreated the API under load: " + report);
            load.assertThatNothingIsLostOrTwice();
            assertThat(load.outage()).as("time during which requests failed").isLessThan(Duration.ofSeconds(30));
        }
    }
}
