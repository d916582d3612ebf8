package dev.plimsoll.sample.checks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** {@code ./run up} and {@code ./run down} with a stack of its own: data stays until somebody says its name. */
class UpDownIT {

    @Test
    void dataStaysUntilSomebodySaysTheProjectsName() {
        try (var stack = OtherStack.in(Stack.ROOT, "down")) {
            stack.assertThatNothingIsThere();
            stack.task("up").output();
            var order = orders(
                    stack,
                    "insert into orders (id, customer_id, reference, amount, currency)"
                            + " values (gen_random_uuid(), 'kept', 'kept', 7, 'EUR') returning id");

            stack.task("down").output();
            assertThat(stack.parts().get("containers"))
                    .as("containers after down")
                    .isEmpty();
            assertThat(stack.parts().get("networks")).as("networks after down").isEmpty();
            assertThat(stack.parts().get("volumes")).as("volumes after down").isNotEmpty();
            stack.task("up").output();
            assertThat(orders(stack, "select id from orders where customer_id = 'kept'"))
                    .isEqualTo(order);

            var before = stack.parts();
            for (var answer :
                    new String[] {"", "\n", "yes\n", Stack.asConfigured().project() + "\n"}) {
                var refused = stack.task("down", "--volumes").saying(answer).result();
                assertThat(refused.exit()).as("exit code after '%s'", answer).isEqualTo(1);
                assertThat(refused.text()).contains(stack.project(), "Nothing was changed");
                assertThat(stack.parts()).as("parts after '%s'", answer).isEqualTo(before);
            }
            stack.task("down", "--volumes").saying(stack.project() + "\n").output();
            stack.assertThatNothingIsThere();
        }
    }

    private static String orders(OtherStack stack, String sql) {
        return stack.compose("exec", "--no-TTY", "postgres", "psql", "-U", "postgres", "-d", "orders", "-qAtc", sql)
                .output();
    }
}
