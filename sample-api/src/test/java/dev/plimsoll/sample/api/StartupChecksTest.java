package dev.plimsoll.sample.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plimsoll.sample.api.startup.StartupCheckException;
import dev.plimsoll.sample.api.startup.StartupChecks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.env.MockEnvironment;

/** A start without a real secret fails, and says what to do without telling the secret. */
class StartupChecksTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "   ",
                "changeme",
                "0123456789abcdef",
                "postgres",
                "Password-Password-Password",
                "change-me-change-me-change-me",
                "example-secret-example-secret",
                "password-secret-changeme-postgres",
            })
    void isRefused(String value) {
        var environment = new MockEnvironment().withProperty("redis_api_password", value);
        assertThatThrownBy(() -> StartupChecks.secrets(environment, "redis_api_password"))
                .isInstanceOf(StartupCheckException.class)
                .hasMessageContainingAll("redis_api_password", "/run/secrets", "./run secrets")
                .satisfies(e -> assertThat(value.isBlank() || !e.getMessage().contains(value))
                        .isTrue());
    }

    @Test
    void aGeneratedSecretIsAccepted() {
        var environment = new MockEnvironment().withProperty("redis_api_password", "5f2b8c0d9e1a47363c2f8a1b0e9d7c65");
        assertThatCode(() -> StartupChecks.secrets(environment, "redis_api_password"))
                .doesNotThrowAnyException();
    }

    /** Each secret is asked for before anything is connected to. */
    @ParameterizedTest
    @ValueSource(strings = {"postgres_api_password", "redis_api_password", "jwt_public_key"})
    void theServiceDoesNotStartWithout(String missing) {
        assertThatThrownBy(() -> ApiApplication.service().run(argumentsWithout(missing)))
                .isInstanceOf(StartupCheckException.class)
                .hasMessageContaining("The secret " + missing + " is missing");
    }

    @Test
    void theServiceDoesNotStartWithOnePortForClientsAndMetrics() {
        assertThatThrownBy(() -> ApiApplication.service().run("--API_PORT=3000", "--API_MANAGEMENT_PORT=3000"))
                .isInstanceOf(StartupCheckException.class)
                .hasMessageContaining("API_PORT and API_MANAGEMENT_PORT are both 3000");
    }

    @Test
    void theMigrationDoesNotStartWithout() {
        assertThatThrownBy(() -> ApiApplication.migrate(argumentsWithout("postgres_migrator_password")))
                .isInstanceOf(StartupCheckException.class)
                .hasMessageContaining("The secret postgres_migrator_password is missing");
    }

    private static String[] argumentsWithout(String missing) {
        return Stream.of("postgres_migrator_password", "postgres_api_password", "redis_api_password", "jwt_public_key")
                .filter(name -> !name.equals(missing))
                .map(name -> "--" + name + "=5f2b8c0d9e1a47363c2f8a1b0e9d7c65")
                .toArray(String[]::new);
    }

    @Test
    void theProcessEndsWithOneLine(@TempDir Path secrets) throws Exception {
        Files.writeString(secrets.resolve("postgres_api_password"), "changeme");
        try (var process = ApiProcess.start("--SECRETS_DIRECTORY=" + secrets)) {
            assertThat(process.awaitExit()).isEqualTo(1);
            assertThat(process.lines())
                    .anySatisfy(line -> assertThat(line)
                            .contains("The secret postgres_api_password is an example, not a secret")
                            .doesNotContain("changeme"));
            assertThat(process.lines()).allMatch(line -> line.startsWith("{"));
        }
    }
}
