package dev.plimsoll.archetype;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
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
        Command.of(project, "./run", "verify").run().assertSuccess();
        Command.of(project, "./run", "local", "--check").run().assertSuccess();
        git(project, "add", "--all");
        assertThat(git(project, "diff", "--cached", "--name-only").output())
                .as("what git tracks after a build")
                .contains("pom.xml")
                .doesNotContainPattern("(?m)(^|/)(target|\\.venv|\\.tools)/|^secrets/");
    }

    private static Command.Result git(Path project, String... arguments) throws Exception {
        var words = new String[arguments.length + 1];
        words[0] = "git";
        System.arraycopy(arguments, 0, words, 1, arguments.length);
        return Command.of(project, words).run().assertSuccess();
    }
}
