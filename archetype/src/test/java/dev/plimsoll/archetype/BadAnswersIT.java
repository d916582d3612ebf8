package dev.plimsoll.archetype;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** A bad answer ends the generation with the rule, the value and an example, and leaves nothing behind. */
class BadAnswersIT {

    private static final Answers GOOD = new Answers("com.acme", "shop", "1.0.0", "com.acme.shop");

    /** All four are bad in each, since all that are bad are reported at once. */
    static final List<Answers> BAD = List.of(
            new Answers("com..acme", "Shop", "1.0 beta", "com.acme.class"),
            new Answers(".com.acme", "1shop", "v1.0", "com..acme"),
            new Answers("com.acme.", "shop-", "-1.0", "1com.acme"),
            new Answers("com acme", "shop_2", "1.0+build", "com.my-company"),
            new Answers("com.acme'", "shop.api", "1.0'", "com.acme.2go"),
            new Answers("com/acme", "a-name-of-forty-one-characters-with-dash-4", "1/2", "java.acme"),
            new Answers("com:acme", "../shop", "LATEST", "com.acme.true"),
            new Answers("com&acme", "far/away/shop", "1<2", "com.$acme"),
            new Answers("$(id)", "sh op", "${project.version}", "com acme"),
            new Answers("1com", "no", "1.", "_"));

    @ParameterizedTest
    @FieldSource("BAD")
    void aBadAnswerIsRefusedWithRuleValueAndExample(Answers bad) throws Exception {
        var folder = Archetype.emptyFolder("bad");
        var inside = Files.createDirectory(folder.resolve("inside"));
        assertRefused(Archetype.generate(inside, bad), bad);
        assertThat(Tree.pathsBelow(folder)).as("what is left").containsExactly("inside");
    }

    @Test
    void aBadAnswerThatWasTypedIsRefusedToo() throws Exception {
        var folder = Archetype.emptyFolder("bad");
        var bad = BAD.get(0);
        var typed = String.join("\n", bad.groupId(), bad.artifactId(), bad.version(), bad.packageName(), "Y", "");
        assertRefused(Archetype.ask(folder, typed), bad);
        assertThat(Tree.pathsBelow(folder)).as("what is left").isEmpty();
    }

    @Test
    void nothingButTheFourAnswersIsAsked() throws Exception {
        var folder = Archetype.emptyFolder("asked");
        var result = Archetype.ask(folder, "com.my-company\nshop-2\n\n\nY\n").assertSuccess();
        assertThat(result.output().split("Define value for property '"))
                .as("questions")
                .satisfiesExactly(
                        before -> assertThat(before).doesNotContain("Define"),
                        question -> assertThat(question).startsWith("groupId'"),
                        question -> assertThat(question).startsWith("artifactId'"),
                        question -> assertThat(question).startsWith("version' 1.0-SNAPSHOT"),
                        question -> assertThat(question).startsWith("package' com.my_company.shop2"));
        assertThat(folder.resolve("shop-2/pom.xml")).exists();
    }

    @Test
    void aFolderThatHoldsFilesStaysAsItIs() throws Exception {
        var folder = Archetype.emptyFolder("existing");
        Files.createDirectories(folder.resolve("shop/docker"));
        Files.writeString(folder.resolve("shop/docker/notes"), "mine");
        var before = Tree.of(folder);
        var result = Archetype.generate(folder, GOOD);
        assertThat(result.exitCode()).as("exit code").isNotZero();
        assertThat(result.output()).contains("shop' holds files.", "Rule: ", "Example: ");
        assertThat(Tree.of(folder)).isEqualTo(before);
        assertThat(Tree.pathsBelow(folder)).containsExactly("shop", "shop/docker", "shop/docker/notes");
    }

    @Test
    void aProjectThatIsThereStaysAsItIs() throws Exception {
        var folder = Archetype.emptyFolder("existing");
        Archetype.project(folder, GOOD);
        Files.writeString(folder.resolve("shop/run"), "changed");
        Files.delete(folder.resolve("shop/.gitignore"));
        var before = Tree.of(folder);
        var result = Archetype.generate(folder, GOOD);
        assertThat(result.exitCode()).as("exit code").isNotZero();
        assertThat(result.output()).contains("A Maven project already exists in the directory");
        assertThat(Tree.of(folder)).isEqualTo(before);
    }

    /** There the archetype plugin adds a module to the pom.xml before anything can be checked. */
    @Test
    void aProjectAroundItStillBuildsAfterABadAnswer() throws Exception {
        var folder = Archetype.emptyFolder("around");
        Files.writeString(folder.resolve("pom.xml"), """
                <project xmlns="http://maven.apache.org/POM/4.0.0">
                  <modelVersion>4.0.0</modelVersion>
                  <groupId>com.acme</groupId>
                  <artifactId>around</artifactId>
                  <version>1</version>
                  <packaging>pom</packaging>
                </project>
                """);
        assertThat(Archetype.generate(folder, BAD.get(0)).exitCode())
                .as("exit code")
                .isNotZero();
        assertThat(Tree.pathsBelow(folder)).as("what is left").containsExactly("pom.xml");
        assertThat(folder.resolve("pom.xml")).content().contains("around").doesNotContain("<module>");
    }

    private static void assertRefused(Command.Result result, Answers bad) {
        assertThat(result.exitCode()).as("exit code").isNotZero();
        assertReason(result.output(), "groupId", bad.groupId(), "com.my-company");
        assertReason(result.output(), "artifactId", bad.artifactId(), "shop-2");
        assertReason(result.output(), "version", bad.version(), "2.0.0-rc.1");
        assertReason(result.output(), "package", bad.packageName(), "com.my_company.shop");
    }

    private static void assertReason(String output, String name, String value, String example) {
        var found = output.lines()
                .map(line -> line.replaceFirst(".*(?=" + name + " ')", ""))
                .dropWhile(line -> !line.startsWith(name + " '" + value + "' can't be used."))
                .map(line -> line.replaceFirst("^\\[ERROR] *", ""))
                .limit(3)
                .toList();
        assertThat(found)
                .as("the reason against %s '%s' in: %s", name, value, output)
                .hasSize(3);
        assertThat(found.get(1)).startsWith("Rule: ");
        assertThat(found.get(2)).isEqualTo("Example: -D" + name + "=" + example);
    }
}
