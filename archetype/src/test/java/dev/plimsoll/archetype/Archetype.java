package dev.plimsoll.archetype;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The archetype that was just built, generating by the real {@code mvn archetype:generate}. */
final class Archetype {

    static final Path REFERENCE = Path.of(System.getProperty("reference")).normalize();
    static final Answers REFERENCE_ANSWERS =
            new Answers("dev.plimsoll", "sample", "0.1.0-SNAPSHOT", "dev.plimsoll.sample");

    private static final Path WORKSPACE = Path.of(System.getProperty("workspace"));
    private static final Path REPOSITORY = localRepository();

    private Archetype() {}

    /** An empty folder for a test to generate in. */
    static Path emptyFolder(String name) throws IOException {
        var folder = WORKSPACE.resolve(name);
        if (Files.exists(folder)) {
            Generator.deleteContent(folder);
        }
        return Files.createDirectories(folder);
    }

    /** Generates in batch mode. */
    static Command.Result generate(Path into, Answers answers) throws IOException, InterruptedException {
        return generate(Maven.host(), into, answers);
    }

    static Command.Result generate(Maven maven, Path into, Answers answers) throws IOException, InterruptedException {
        return maven.run(
                into,
                arguments(
                        "--batch-mode",
                        "-DgroupId=" + answers.groupId(),
                        "-DartifactId=" + answers.artifactId(),
                        "-Dversion=" + answers.version(),
                        "-Dpackage=" + answers.packageName()));
    }

    /** Generates in interactive mode, with what a person types. */
    static Command.Result ask(Path into, String typed) throws IOException, InterruptedException {
        return Maven.host().command(into, arguments()).input(typed).run();
    }

    /** Generates and expects success. @return the project */
    static Path project(Path into, Answers answers) throws IOException, InterruptedException {
        generate(into, answers).assertSuccess();
        return into.resolve(answers.artifactId());
    }

    private static String[] arguments(String... more) {
        var arguments = new ArrayList<>(List.of(
                "--offline",
                "-Dmaven.repo.local=" + REPOSITORY,
                System.getProperty("archetype.plugin") + ":generate",
                "-DarchetypeCatalog=local",
                "-DarchetypeGroupId=dev.plimsoll",
                "-DarchetypeArtifactId=plimsoll-archetype",
                "-DarchetypeVersion=" + System.getProperty("archetype.version")));
        arguments.addAll(List.of(more));
        return arguments.toArray(String[]::new);
    }

    /**
     * A local repository with the archetype under test in it. All else is the build's own repository, by links: a test
     * downloads nothing twice and installs nothing there.
     */
    private static Path localRepository() {
        try {
            var shared = Path.of(System.getProperty("local.repository"));
            var repository = emptyFolder("repository");
            link(shared, repository, "dev");
            link(shared.resolve("dev"), Files.createDirectory(repository.resolve("dev")), "plimsoll");
            var version = System.getProperty("archetype.version");
            var folder = repository.resolve("dev/plimsoll/plimsoll-archetype").resolve(version);
            Files.createDirectories(folder);
            Files.copy(
                    Path.of(System.getProperty("archetype")),
                    folder.resolve("plimsoll-archetype-" + version + ".jar"),
                    StandardCopyOption.REPLACE_EXISTING);
            return repository;
        } catch (IOException e) {
            throw new IllegalStateException("Expected a local repository for the tests in " + WORKSPACE, e);
        }
    }

    private static void link(Path from, Path to, String except) throws IOException {
        if (Files.isDirectory(from)) {
            try (Stream<Path> children = Files.list(from)) {
                for (var child : children.filter(Files::isDirectory).toList()) {
                    if (!child.endsWith(except)) {
                        Files.createSymbolicLink(to.resolve(child.getFileName()), child);
                    }
                }
            }
        }
    }
}
