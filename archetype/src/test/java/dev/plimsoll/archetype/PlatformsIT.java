package dev.plimsoll.archetype;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The oldest and the newest Maven and Java that a generation is promised for. */
class PlatformsIT {

    @ParameterizedTest(name = "Maven {0} on Java {2}")
    @CsvSource({"3.8, 3.8.9, 17", "3.8, 3.8.9, 25", "3.9.16, 3.9.16, 17", "3.9.16, 3.9.16, 25"})
    void generates(String mavenVersion, String download, int javaVersion) throws Exception {
        var java = java(javaVersion);
        assumeTrue(java.isPresent(), () -> "no JDK %d found in %s".formatted(javaVersion, javaHomes()));
        var maven = new Maven(mavenHome(mavenVersion, download), java.get());
        assertThat(maven.run(Archetype.REFERENCE, "--version").output())
                .contains("Apache Maven " + mavenVersion, "Java version: " + javaVersion);

        var folder = Archetype.emptyFolder("platforms");
        Archetype.generate(maven, folder, Archetype.REFERENCE_ANSWERS).assertSuccess();
        Tree.assertHolds(folder.resolve("sample"), Tree.ofReference());
        var refused = Archetype.generate(maven, folder, new Answers("com.acme", "Shop", "1", "com.acme"));
        assertThat(refused.output()).contains("artifactId 'Shop' can't be used.");
        assertThat(folder.resolve("Shop")).doesNotExist();
    }

    /** The host's if it has that version, else one from the repository. */
    private static Path mavenHome(String version, String download) throws IOException, InterruptedException {
        var host = Maven.host();
        var folder = Archetype.emptyFolder("maven");
        if (host.run(folder, "--version").output().contains("Apache Maven " + version)) {
            return host.home();
        }
        var unpacked = host.run(
                folder,
                "--batch-mode",
                "--quiet",
                "-Dmaven.repo.local=" + System.getProperty("local.repository"),
                System.getProperty("dependency.plugin") + ":unpack",
                "-Dartifact=org.apache.maven:apache-maven:" + download + ":tar.gz:bin",
                "-DoutputDirectory=" + folder);
        assumeTrue(
                unpacked.exitCode() == 0,
                () -> "no Maven %s: %s"
                        .formatted(
                                download,
                                unpacked.output()
                                        .lines()
                                        .filter(line -> line.startsWith("[ERROR]"))
                                        .findFirst()
                                        .orElse("its download failed")));
        var home = folder.resolve("apache-maven-" + download);
        home.resolve("bin/mvn").toFile().setExecutable(true);
        return home;
    }

    private static Optional<Path> java(int version) throws IOException {
        for (var home : javaHomes()) {
            var release = home.resolve("release");
            if (Files.exists(home.resolve("bin/java"))
                    && Files.exists(release)
                    && Files.readString(release).matches("(?s).*JAVA_VERSION=\"" + version + "[.\"].*")) {
                return Optional.of(home);
            }
        }
        return Optional.empty();
    }

    /** Where this build's Java is, where the environment says, and where systems and tools install them. */
    private static List<Path> javaHomes() {
        var homes = new ArrayList<Path>();
        homes.add(Path.of(System.getProperty("java.home")));
        System.getenv().forEach((name, value) -> {
            if (name.startsWith("JAVA_HOME")) {
                homes.add(Path.of(value));
            }
        });
        var user = System.getProperty("user.home");
        for (var folder : List.of("/usr/lib/jvm", "/opt/java", user + "/.sdkman/candidates/java", user + "/.jdks")) {
            homes.addAll(children(Path.of(folder)));
        }
        children(Path.of("/Library/Java/JavaVirtualMachines"))
                .forEach(home -> homes.add(home.resolve("Contents/Home")));
        return homes;
    }

    private static List<Path> children(Path folder) {
        var files = folder.toFile().listFiles();
        return files == null
                ? List.of()
                : Stream.of(files).map(File::toPath).sorted().toList();
    }
}
