package dev.plimsoll.archetype;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Answers that are allowed and that a careless template trips over. */
class AwkwardAnswersIT {

    private static final Answers ONE_LETTER = new Answers("com.acme", "a", "2.0.0-rc.1", "com.acme.a");
    static final Answers DIGITS_AND_DASHES =
            new Answers("com.my-company", "web-2--shop3-4u", "1", "zz.Unrelated_2.of_it.all");
    private static final Answers LONGEST =
            new Answers("io", "a-name-of-forty-characters-with-dashes-4", "10.20.30-SNAPSHOT", "aaa");

    static final List<Answers> ALL = List.of(ONE_LETTER, DIGITS_AND_DASHES, LONGEST);

    /** What the template language, the archetype plugin and the template itself could leave behind. */
    private static final Pattern TEMPLATE_LANGUAGE =
            Pattern.compile("\\$\\{[^}]*}?|#(?:set|if|end|foreach|parse)\\b|__\\w+__|@\\w+@");

    @ParameterizedTest
    @FieldSource("ALL")
    void nothingOfTheReferenceOrTheTemplateIsLeft(Answers answers) throws Exception {
        var project = Tree.of(Archetype.project(Archetype.emptyFolder("left over"), answers));
        project.forEach((file, content) -> {
            assertThat(file).as("name of a file").doesNotContainPattern("(?i)sample|plimsoll/|@|__artifactId__");
            if (!file.equals(".plimsoll.properties") && !file.equals("README.md")) {
                assertThat(content).as("%s", file).doesNotContainPattern("(?i)sample(?!r|_limit)|plimsoll");
            }
        });
        Tree.ofReference().forEach((file, content) -> {
            var own = file.replace("sample", answers.artifactId())
                    .replace(
                            "dev/plimsoll/" + answers.artifactId(),
                            answers.packageName().replace('.', '/'));
            assertThat(project.keySet()).contains(own);
            assertThat(templateLanguage(project.get(own)))
                    .as("template language in %s that is not the file's own", own)
                    .isEqualTo(templateLanguage(content));
        });
    }

    private static List<String> templateLanguage(String content) {
        return TEMPLATE_LANGUAGE
                .matcher(content)
                .results()
                .map(MatchResult::group)
                .toList();
    }

    /** Format too: the length of a name and the order of imports depend on the answers. */
    @ParameterizedTest
    @FieldSource("ALL")
    void theProjectCompilesAndIsInFormat(Answers answers) throws Exception {
        var project = Archetype.project(Archetype.emptyFolder("to compile"), answers);
        Maven.host()
                .run(
                        project,
                        "--batch-mode",
                        "--quiet",
                        "-Dmaven.repo.local=" + System.getProperty("local.repository"),
                        "spotless:check",
                        "test-compile")
                .assertSuccess();
    }
}
