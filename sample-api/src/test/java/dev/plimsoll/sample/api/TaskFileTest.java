package dev.plimsoll.sample.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.Signature;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.security.converter.RsaKeyConverters;
import tools.jackson.databind.json.JsonMapper;

/** The task file in a folder of its own: what it makes, and what it says when something is wrong. */
class TaskFileTest {

    @TempDir
    Path folder;

    private record Result(int exit, String output) {}

    @BeforeEach
    void copyTaskFile() throws IOException {
        var root = Path.of("").toAbsolutePath().getParent();
        // Without the lines that source files which are not here.
        Files.write(
                folder.resolve("run"),
                Files.readAllLines(root.resolve("run")).stream()
                        .filter(line -> !line.startsWith("source "))
                        .toList());
        Files.copy(root.resolve(".env.example"), folder.resolve(".env.example"));
    }

    private Result run(Map<String, String> environment, String... arguments) throws Exception {
        var builder =
                new ProcessBuilder("bash", "run").directory(folder.toFile()).redirectErrorStream(true);
        builder.command().addAll(List.of(arguments));
        builder.environment().putAll(environment);
        var process = builder.start();
        var output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        return new Result(process.exitValue(), output);
    }

    private Result run(String... arguments) throws Exception {
        return run(Map.of(), arguments);
    }

    @Test
    void aloneItListsTheTasks() throws Exception {
        assertThat(run().output()).contains("  local ", "  test ", "  verify ", "  secrets ", "  token ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nonsense              | There is no task nonsense",
                "local --fast          | Expected nothing or --check, found: --fast",
                "token --minutes soon  | Expected a whole number of minutes, found: soon",
                "token --scope         | Expected a value after --scope",
                "token --scope a\"b    | Expected letters, digits",
                "token                 | secrets/jwt_private_key is missing. Make it with ./run secrets",
                "test api              | Expected no argument after test, found: api",
                "verify nothing        | Expected stages among: lint test",
                "verify --budget       | Expected --budget MINUTES, found: nothing",
            })
    void aWrongCallIsToldWhatWasExpected(String call, String message) throws Exception {
        var result = run(call.split(" +"));
        assertThat(result.exit()).isEqualTo(1);
        assertThat(result.output()).contains(message);
        assertThat(result.output().lines()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "API_PORT=many                 | API_PORT: expected a port from 1 to 65535, found: many",
                "API_PORT=70000                | API_PORT: expected a port from 1 to 65535, found: 70000",
                "API_MANAGEMENT_PORT=3000      | API_PORT and API_MANAGEMENT_PORT are both 3000",
                "API_PORT=\"3000\"             | expected a value without quotes",
                "api port                      | expected NAME=value or a comment, found: api port",
            })
    void aWrongSettingIsNamed(String line, String message) throws Exception {
        Files.writeString(folder.resolve(".env"), line + "\n");
        var result = run("local");
        assertThat(result.exit()).isEqualTo(1);
        assertThat(result.output()).contains(message);
        assertThat(folder.resolve("secrets")).as("nothing half-done").doesNotExist();
    }

    @Test
    void aTakenPortIsNamed() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var port = String.valueOf(taken.getLocalPort());
            var result = run(Map.of("INTELLIGENCE_PORT", port), "local");
            assertThat(result.exit()).isEqualTo(1);
            assertThat(result.output()).contains("Port " + port + " is taken. Expected it free for INTELLIGENCE_PORT");
        }
    }

    @Test
    void aMissingToolIsNamed() throws Exception {
        var tools = Files.createDirectory(folder.resolve("tools"));
        for (var tool : new String[] {"bash", "dirname", "cat"}) {
            for (var place : new String[] {"/bin", "/usr/bin"}) {
                if (Files.exists(Path.of(place, tool)) && !Files.exists(tools.resolve(tool))) {
                    Files.createSymbolicLink(tools.resolve(tool), Path.of(place, tool));
                }
            }
        }
        assertThat(run(Map.of("PATH", tools.toString()), "secrets").output()).contains("openssl is missing");
        assertThat(run(Map.of("PATH", tools.toString()), "wrapper").output()).contains("mvn is missing");
    }

    @Test
    void secretsAreMadeOnceForTheirOwnerAlone() throws Exception {
        assertThat(run("secrets").exit()).isZero();
        var made = secrets();
        assertThat(made).hasSizeGreaterThanOrEqualTo(8);
        assertThat(made.values()).doesNotHaveDuplicates().allMatch(value -> value.length() >= 64);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("secrets"))))
                .isEqualTo("rwx------");

        Files.delete(folder.resolve("secrets/redis_api_password"));
        assertThat(run("secrets").exit()).isZero();
        var again = secrets();
        assertThat(again.get("redis_api_password")).isNotEqualTo(made.get("redis_api_password"));
        again.put("redis_api_password", made.get("redis_api_password"));
        assertThat(again).as("what was there stays as it was").isEqualTo(made);
    }

    @Test
    void anEmptySecretIsNotTakenForOne() throws Exception {
        Files.createDirectory(folder.resolve("secrets"));
        Files.createFile(folder.resolve("secrets/postgres_api_password"));
        var result = run("secrets");
        assertThat(result.exit()).isEqualTo(1);
        assertThat(result.output()).contains("secrets/postgres_api_password is empty");
    }

    @Test
    void aTokenIsSignedAndSaysWhatWasAsked() throws Exception {
        run("secrets");
        var token = run("token", "--scope", "orders:read", "--subject", "me", "--minutes", "5")
                .output()
                .strip()
                .split("\\.");
        var claims = new JsonMapper().readTree(Base64.getUrlDecoder().decode(token[1]));
        assertThat(claims.path("sub").asString()).isEqualTo("me");
        assertThat(claims.path("scope").asString()).isEqualTo("orders:read");
        assertThat(claims.path("exp").asLong() - claims.path("iat").asLong()).isEqualTo(300);
        var signature = Signature.getInstance("SHA256withRSA");
        try (var key = Files.newInputStream(folder.resolve("secrets/jwt_public_key"))) {
            signature.initVerify(RsaKeyConverters.x509().convert(key));
        }
        signature.update((token[0] + "." + token[1]).getBytes());
        assertThat(signature.verify(Base64.getUrlDecoder().decode(token[2]))).isTrue();
    }

    @Test
    void aStageThatDoesNotFitTheBudgetIsListed() throws Exception {
        var result = run("verify", "--budget", "1");
        assertThat(result.output()).contains("NOT VERIFIED: stage lint: it takes up to 3 minutes");
        assertThat(result.output()).endsWith("0 passed, 0 failed, 4 skipped\n");
        assertThat(result.exit()).as("nothing was seen to hold").isEqualTo(1);
    }

    private Map<String, String> secrets() throws IOException {
        var secrets = new TreeMap<String, String>();
        try (var files = Files.list(folder.resolve("secrets"))) {
            for (var file : files.toList()) {
                secrets.put(file.getFileName().toString(), Files.readString(file));
            }
        }
        return secrets;
    }
}
