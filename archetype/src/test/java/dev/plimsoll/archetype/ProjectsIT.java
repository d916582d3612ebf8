package dev.plimsoll.archetype;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** A generated project does what its README says, in a path with spaces. Takes minutes. */
@Tag("full")
class ProjectsIT {

    @ParameterizedTest
    @FieldSource("dev.plimsoll.archetype.AwkwardAnswersIT#ALL")
    void theProjectVerifiesItselfAndRuns(Answers answers) throws Exception {
        var project = Archetype.project(Archetype.emptyFolder("to verify"), answers);
        git(project, "init", "--quiet");
        Command.of(project, "./run", "verify", "lint", "test").run().assertSuccess();
        Command.of(project, "./run", "local", "--check").run().assertSuccess();
        git(project, "add", "--all");
        assertThat(git(project, "diff", "--cached", "--name-only").output())
                .as("what git tracks after a build")
                .contains("pom.xml")
                .doesNotContainPattern("(?m)(^|/)(target|\\.venv|\\.tools)/|^secrets/");
    }

    /** Beside the reference's own stack, which the task that runs this test has started. */
    @Test
    void theProjectsStackRunsBesideAnother() throws Exception {
        var engine = Command.of(Path.of("."), "sh", "-c", "docker version").run();
        assumeThat(engine.exitCode()).as("a Docker engine: %s", engine.output()).isZero();
        assertTheOtherStackIsHealthy();
        var project = Archetype.project(Archetype.emptyFolder("to run"), AwkwardAnswersIT.DIGITS_AND_DASHES);
        Command.of(project, "./run", "images").run().assertSuccess();
        Command.of(project, "./run", "checks", "ContainersIT", "NetworkIT", "PostgresIT", "RedisIT")
                .run()
                .assertSuccess();
        assertTheOtherStackIsHealthy();
        for (var kind : List.of("container", "network", "volume")) {
            var left = Command.of(
                            project,
                            "docker",
                            kind,
                            "ls",
                            "--format",
                            "json",
                            "--filter",
                            "label=com.docker.compose.project")
                    .run()
                    .assertSuccess();
            assertThat(left.output()).as("each %s of a stack", kind).doesNotContain("web-2--shop3-4u");
        }
    }

    private static void assertTheOtherStackIsHealthy() throws Exception {
        var healthy = Command.of(
                        Path.of("."),
                        "sh",
                        "-c",
                        "docker ps --filter health=healthy --filter label=com.docker.compose.project=sample-beside -q")
                .run()
                .assertSuccess();
        assertThat(healthy.output().lines())
                .as("healthy containers of the reference's stack")
                .hasSize(4);
    }

    private static Command.Result git(Path project, String... arguments) throws Exception {
        var words = new String[arguments.length + 1];
        words[0] = "git";
        System.arraycopy(arguments, 0, words, 1, arguments.length);
        return Command.of(project, words).run().assertSuccess();
    }
}
