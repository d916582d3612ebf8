package dev.plimsoll.sample.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in our own images, read from all their layers, and how they present themselves. */
class ImagesIT {

    private static final Set<String> SHELLS_AND_TOOLS = Set.of(
            "sh", "bash", "dash", "ash", "zsh", "busybox", "apt", "apt-get", "dpkg", "apk", "yum", "rpm", "pip", "pip3",
            "poetry", "mvn", "npm", "perl", "curl", "wget", "nc", "tar", "gcc", "cc", "ld", "as", "make", "javac",
            "jar", "jlink", "jshell", "keytool", "jcmd", "su", "sudo", "mount", "login");

    private static final Pattern LEFT_OVER = Pattern.compile(
            ".*\\.(py|pyi|java|c|h|pyx|a|sh|whl|deb)|.*-(sources|javadoc|tests)\\.jar|.*/(test|tests|src|\\.git|\\.m2|\\.cache"
                    + "|\\.venv|target|ensurepip|pip|setuptools|wheel|__pycache__|secrets)/.*|/root/.*|/(var/)?cache/.*"
                    + "|/var/lib/apt/.*|/usr/(include|share/(doc|man|locale))/.*|.*/\\.wh\\..*");

    private static final Map<String, Image> IMAGES = new TreeMap<>();

    /** Certificates trusted while building, by name, as text and as bytes; and all secrets. */
    private static final Map<String, String> FOREIGN = new TreeMap<>(Stack.secrets());

    @TempDir
    private static Path folder;

    @BeforeAll
    static void read() throws Exception {
        var trusted = Path.of("/usr/local/share/ca-certificates");
        if (Files.isDirectory(trusted)) {
            try (var files = Files.newDirectoryStream(trusted, "*.crt")) {
                for (var file : files) {
                    addCertificates(file);
                }
            }
        }
        for (var service : Stack.asConfigured().own()) {
            IMAGES.put(
                    service.name(),
                    Image.read(service.image(), Files.createDirectory(folder.resolve(service.name())), FOREIGN));
        }
        assertThat(IMAGES).as("images that are built here").hasSizeGreaterThan(1);
    }

    private static void addCertificates(Path file) throws IOException, CertificateException {
        try (InputStream in = Files.newInputStream(file)) {
            for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                add((X509Certificate) certificate);
            }
        }
    }

    private static void add(X509Certificate certificate) throws CertificateEncodingException {
        var name = certificate.getSubjectX500Principal().getName();
        var bytes = certificate.getEncoded();
        FOREIGN.put("certificate " + name, new String(bytes, StandardCharsets.ISO_8859_1));
        // A line of it in a text file: not the first, which begins alike in all.
        FOREIGN.put(
                "certificate as text " + name,
                Base64.getEncoder().encodeToString(bytes).substring(256, 320));
    }

    @Test
    void thereIsNoShellPackageManagerOrCompiler() {
        assertNoFile(
                "a shell, a package manager or a tool",
                file -> !file.isFolder() && SHELLS_AND_TOOLS.contains(file.name()));
    }

    @Test
    void thereIsNoSourceTestOrCache() {
        assertNoFile(
                "source, a test or a cache",
                file -> LEFT_OVER.matcher(file.path()).matches());
    }

    @Test
    void thereIsNoSetuidFileOrDevice() {
        assertNoFile(
                "setuid, setgid or a device",
                file -> (file.entry().getMode() & 06000) != 0
                        || file.entry().isBlockDevice()
                        || file.entry().isCharacterDevice());
    }

    /** The service can't change what it runs, whatever user it runs as. */
    @Test
    void everythingBelongsToRootAndNobodyElseCanWriteIt() {
        assertNoFile(
                "not root's, or writable by others",
                file -> file.entry().getLongUserId() != 0
                        || file.entry().getLongGroupId() != 0
                        || (!file.isSymbolicLink()
                                && !file.path().equals("/tmp")
                                && (file.entry().getMode() & 022) != 0));
    }

    @Test
    void noSecretAndNoCertificateOfTheBuildIsInALayerOrInTheHistory() {
        assertThat(FOREIGN)
                .as("what to look for")
                .hasSizeGreaterThanOrEqualTo(Stack.secrets().size())
                .hasSizeGreaterThan(4);
        assertNoFile(
                "a secret or a certificate of this machine",
                file -> !file.contains().isEmpty());
        IMAGES.forEach((service, image) ->
                FOREIGN.forEach((name, text) -> assertThat(image.config().toString())
                        .as("%s in the history of %s", name, service)
                        .doesNotContain(text)));
    }

    @Test
    void theImagesSayWhatTheyAreAndHowToRunThem() {
        for (var service : Stack.asConfigured().own()) {
            var config = IMAGES.get(service.name()).config().path("config");
            assertThat(config.path("User").asString())
                    .as("user of %s", service.name())
                    .isEqualTo("1001:1001");
            assertThat(config.path("StopSignal").asString()).isEqualTo("SIGTERM");
            assertThat(config.path("Entrypoint").path(0).asString()).isEqualTo("/usr/bin/dumb-init");
            assertThat(config.path("Entrypoint").path(1).asString()).isEqualTo("--");
            assertThat(config.path("Cmd").isEmpty()).as("no command by default").isTrue();
            var labels = config.path("Labels");
            assertThat(labels.propertyNames())
                    .contains(
                            "org.opencontainers.image.title",
                            "org.opencontainers.image.version",
                            "org.opencontainers.image.revision",
                            "org.opencontainers.image.source");
            assertThat(labels.path("org.opencontainers.image.title").asString()).isNotEmpty();
            assertThat(labels.path("org.opencontainers.image.version").asString())
                    .isEqualTo(service.config()
                            .path("build")
                            .path("args")
                            .path("VERSION")
                            .asString());
            assertThat(labels.path("org.opencontainers.image.revision").asString())
                    .as("the commit; empty outside of git")
                    .matches("([0-9a-f]{40})?");
        }
    }

    @Test
    void theHealthCheckIsThePromisedOne() {
        IMAGES.forEach((service, image) -> {
            var check = image.config().path("config").path("Healthcheck");
            assertThat(check.path("Test").path(0).asString()).isEqualTo("CMD");
            assertThat(check.path("Test").path(1).asString()).isEqualTo("healthcheck");
            assertThat(seconds(check.path("Interval").asLong())).as("interval").isEqualTo(30);
            assertThat(seconds(check.path("Timeout").asLong())).as("timeout").isEqualTo(3);
            assertThat(seconds(check.path("StartPeriod").asLong()))
                    .as("start period")
                    .isEqualTo(5);
            assertThat(seconds(check.path("StartInterval").asLong()))
                    .as("start interval")
                    .isEqualTo(1);
            assertThat(check.path("Retries").asInt()).as("retries").isEqualTo(3);
        });
    }

    private static double seconds(long nanoseconds) {
        return nanoseconds / 1e9;
    }

    /** Whatever user and however little it may do: it starts, and says what is missing. */
    @Test
    void withoutSecretsItSaysWhichOneIsMissing() {
        for (var service : Stack.asConfigured().own()) {
            var result = Stack.docker(
                            "run",
                            "--rm",
                            "--network=none",
                            "--read-only",
                            "--tmpfs=/tmp",
                            "--cap-drop=ALL",
                            "--security-opt=no-new-privileges:true",
                            "--user=4711:4711",
                            service.image())
                    .result();
            assertThat(result.exit()).as(service.name()).isNotZero();
            assertThat(result.text()).as(service.name()).contains("/run/secrets/", "_password", "./run secrets");
        }
    }

    /** A health check that can't fail proves nothing. */
    @Test
    void theHealthCheckFailsWhereNothingListens() {
        for (var service : Stack.asConfigured().own()) {
            var result = Stack.docker(
                            "run",
                            "--rm",
                            "--network=none",
                            "--read-only",
                            "--cap-drop=ALL",
                            "--entrypoint=healthcheck",
                            service.image(),
                            "9")
                    .result();
            assertThat(result.exit()).as(service.name()).isEqualTo(1);
            assertThat(result.out().lines()).as(service.name()).hasSize(1);
        }
    }

    private static void assertNoFile(String what, Predicate<Image.ImageFile> unwanted) {
        IMAGES.forEach((service, image) -> assertThat(image.files().stream().filter(unwanted))
                .as("%s in the image of %s", what, service)
                .isEmpty());
        assertThat(IMAGES.values())
                .allSatisfy(image -> assertThat(image.files()).hasSizeGreaterThan(50));
    }
}
