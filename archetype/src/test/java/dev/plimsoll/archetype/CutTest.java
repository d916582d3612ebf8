package dev.plimsoll.archetype;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the cut does to a small reference, and what it refuses. */
class CutTest {

    @TempDir
    Path folder;

    private Path reference;
    private Path template;

    @BeforeEach
    void anEmptyReference() throws IOException {
        reference = Files.createDirectory(folder.resolve("a reference"));
        template = folder.resolve("target/classes/project");
    }

    @Test
    void coordinatesBecomeTokensInNamesAndContent() throws Exception {
        write("sample-api/src/main/java/dev/plimsoll/sample/api/A.java", "package dev.plimsoll.sample.api;\n");
        write(
                "pom.xml",
                "<groupId>dev.plimsoll</groupId><artifactId>sample</artifactId><version>0.1.0-SNAPSHOT</version>\n");
        write(
                "notes",
                "sample-api-0.1.0-SNAPSHOT.jar: x.sample.svc, 10.1.0-SNAPSHOT of dev/plimsoll/sample/api. By dev.plimsoll.");
        cut();
        assertThat(Tree.of(template))
                .isEqualTo(
                        Map.of(
                                "@artifactId@-api/src/main/java/@packagePath@/api/A.java", "package @package@.api;\n",
                                "pom.xml",
                                        "<groupId>@groupId@</groupId><artifactId>@artifactId@</artifactId><version>@version@</version>\n",
                                "notes",
                                        "@artifactId@-api-@version@.jar: x.@artifactId@.svc, 10.1.0-SNAPSHOT of @packagePath@/api. By @groupId@."));
    }

    @Test
    void allElseStaysAsItIs() throws Exception {
        var content =
                "\uFEFFa${VAR:-x} ${{ y }} #set($a) ## #end \\$ \\\\ __init__ @Test @x@ $!{q} #[[z]]#\r\n\r\n\ttab \u00e4\u20ac  \nno end";
        write("\u00e4 b/.dotfile", content);
        write("empty", "");
        write("blank", "\n\n");
        cut();
        assertThat(Tree.of(template)).isEqualTo(Map.of("\u00e4 b/.dotfile", content, "empty", "", "blank", "\n\n"));
    }

    @Test
    void whatGitIgnoresAndWhatIsTemplateOnlyStaysOut() throws Exception {
        write(".gitignore", "target/\n.env\n");
        write("sub/target/x", "sample thing");
        write(".env", "x");
        write("archetype/pom.xml", "samples");
        write("registry-free/x", "samples");
        write(".ci/run", "samples");
        write("docs/decisions/archetype-x.md", "samples");
        write("README.md", "Plimsoll");
        write("docs/README.md", "kept\n");
        write("archetype/src/main/project/README.md", "# @artifactId@ by Plimsoll @templateVersion@\n");
        write("lines", """
                keep
                <module>archetype</module> <!-- template only -->
                a # template only
                b // template only
                c -- template only
                d /* template only */\t
                keep too
                e # template only""");
        cut();
        assertThat(Tree.of(template))
                .isEqualTo(Map.of(
                        ".gitignore", "target/\n.env\n",
                        "docs/README.md", "kept\n",
                        "README.md", "# @artifactId@ by Plimsoll 1.2.3\n",
                        "lines", "keep\nkeep too\n"));
    }

    @Test
    void aFileThatIsGoneLeavesTheTemplate() throws Exception {
        write("here", "x");
        write("gone", "x");
        cut();
        Files.delete(reference.resolve("gone"));
        cut();
        assertThat(Tree.of(template)).containsOnlyKeys("here");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "samples",
                "Sample",
                "a SAMPLE",
                "sample_api",
                "resample",
                "sample2",
                "Plimsoll",
                "dev.plimsoll.other",
                "dev.plimsoll.sample-api",
                "dev.plimsoll.samples",
                "dev\\.plimsoll",
                "com.dev.plimsoll",
                "dev/plimsoll",
                "dev/plimsoll/sample-api",
                "plimsoll.dev",
                "@artifactId@",
                "@package@",
                "template only",
                "a # template only, says b",
            })
    void anUnclearLineIsRefused(String line) throws Exception {
        write("docs/x.md", "fine\n" + line + "\n");
        assertRefused("docs/x.md:2: expected ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"OTEL_TRACES_SAMPLER", "sample_limit"})
    void othersNamesAreFine(String line) throws Exception {
        write("x", line);
        cut();
        assertThat(Tree.of(template)).isEqualTo(Map.of("x", line));
    }

    @ParameterizedTest
    @CsvSource({"docs/samples.md", "@artifactId@/x", "plimsoll"})
    void anUnclearNameIsRefused(String path) throws Exception {
        write(path, "x");
        assertRefused(path + ":1: expected ");
    }

    @Test
    void whatIsNoTextIsRefused() throws Exception {
        write("nul", "a\0b");
        Files.write(reference.resolve("latin1"), "\u00e4".getBytes(ISO_8859_1));
        Files.createSymbolicLink(reference.resolve("link"), Path.of("nul"));
        assertRefused("nul:1: expected text,", "latin1:1: expected UTF-8,", "link:1: expected a regular file,");
    }

    @Test
    void aRunBitThatCouldNotBeSetAgainIsRefused() throws Exception {
        write("script", "#!/bin/sh\n");
        write("text", "x");
        reference.resolve("text").toFile().setExecutable(true);
        assertRefused("script:1: expected a run bit", "text:1: expected a run bit");
    }

    @Test
    void aReleaseVersionIsRefused() {
        assertThatThrownBy(() -> cut("1.0.0")).hasMessageContaining("1.0.0", "-SNAPSHOT");
    }

    private void write(String path, String content) throws IOException {
        var file = reference.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private void cut() throws Exception {
        cut("0.1.0-SNAPSHOT");
    }

    private void cut(String version) throws Exception {
        Cut.main(reference.toString(), template.toString(), "dev.plimsoll", "sample", version, "1.2.3");
    }

    private void assertRefused(String... reasons) {
        assertThatThrownBy(this::cut).message().contains(reasons);
    }
}
