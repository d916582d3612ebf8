package dev.plimsoll.sample.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a build may see of a working tree that has been lived in: whatever gets through may end in an image or a cache. */
class ContextIT {

    /** What must get through nowhere, in the project's folder and in that of each service. */
    private static final List<String> TRACES = List.of(
            ".env",
            ".git/config",
            "secrets/postgres_api_password",
            "target/classes/Left.class",
            "target/surefire-reports/TEST-left.xml",
            ".venv/bin/python",
            "__pycache__/left.pyc",
            ".pytest_cache/left",
            ".mypy_cache/left",
            ".idea/workspace.xml",
            "id_rsa",
            "left.log",
            "left.so");

    @TempDir
    private Path folder;

    @Test
    void theApisBuildSeesItsSourceAndNothingElse() throws IOException {
        assertThat(contextOf("api"))
                .allMatch(
                        path -> path.matches(
                                "pom\\.xml|docker/(healthcheck\\.c|postgres/initdb\\.d/10-roles\\.sql"
                                        + "|redis/users\\.acl)|[^/]+-api/(pom\\.xml|src/.+\\.(java|json|sql|xml|ya?ml|properties|imports|factories))"))
                .anyMatch(path -> path.endsWith("-api/pom.xml"))
                .anyMatch(path -> path.endsWith(".java"));
    }

    @Test
    void theIntelligenceServicesBuildSeesItsSourceAndNothingElse() throws IOException {
        assertThat(contextOf("intelligence"))
                .allMatch(path -> path.matches(
                        "docker/healthcheck\\.c|[^/]+-intelligence/(poetry\\.lock|pyproject\\.toml|layout\\.py"
                                + "|intelligence/.+\\.py|intelligence/py\\.typed|tests/.+\\.(py|json))"))
                .anyMatch(path -> path.endsWith("-intelligence/poetry.lock"))
                .anyMatch(path -> path.endsWith(".py"));
    }

    /** The Dockerfile that has the ignore file beside it is replaced by one that takes all it gets. */
    private List<String> contextOf(String service) throws IOException {
        var tree = Tree.copyTo(folder.resolve("tree"));
        try (var folders = Files.walk(tree, 1)) {
            for (var place : folders.filter(Files::isDirectory).toList()) {
                for (var trace : TRACES) {
                    var file = place.resolve(trace);
                    Files.createDirectories(file.getParent());
                    Files.writeString(file, "left");
                }
                // What compiling leaves beside the source.
                if (Files.isDirectory(place.resolve(service))) {
                    Files.writeString(place.resolve(service).resolve("left.so"), "left");
                    Files.writeString(
                            Files.createDirectory(place.resolve(service).resolve("__pycache__"))
                                    .resolve("left.pyc"),
                            "left");
                }
            }
        }
        var dockerfile = Stack.asConfigured()
                .service(service)
                .config()
                .path("build")
                .path("dockerfile")
                .asString();
        Files.writeString(tree.resolve(dockerfile), "FROM scratch\nCOPY . /\n");
        var seen = folder.resolve("seen");
        Stack.docker("buildx", "build", "--file", dockerfile, "--output", "type=local,dest=" + seen, ".")
                .in(tree)
                .output();
        try (Stream<Path> files = Files.walk(seen)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> seen.relativize(file).toString())
                    .toList();
        }
    }
}
