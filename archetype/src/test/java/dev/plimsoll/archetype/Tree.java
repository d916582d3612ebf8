package dev.plimsoll.archetype;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What is in a folder: path → content, and for what git would call executable a mark before it. */
final class Tree {

    private Tree() {}

    /** All files below. */
    static SortedMap<String, String> of(Path folder) throws IOException {
        try (var paths = Files.walk(folder)) {
            return of(
                    folder,
                    paths.filter(Files::isRegularFile)
                            .map(path -> folder.relativize(path).toString()));
        }
    }

    static SortedMap<String, String> of(Path folder, Stream<String> files) throws IOException {
        var tree = new TreeMap<String, String>();
        for (var file : files.toList()) {
            var path = folder.resolve(file);
            tree.put(file, (Files.isExecutable(path) ? "(executable)\n" : "") + Files.readString(path, UTF_8));
        }
        return tree;
    }

    /** Files and folders. */
    static List<String> pathsBelow(Path folder) throws IOException {
        try (var paths = Files.walk(folder)) {
            return paths.filter(path -> !path.equals(folder))
                    .map(path -> folder.relativize(path).toString())
                    .sorted()
                    .toList();
        }
    }

    /** The reference as a project of its own, found by other means than the archetype's. */
    static SortedMap<String, String> ofReference() throws IOException, InterruptedException {
        var listed = Command.of(Archetype.REFERENCE, "git", "ls-files", "-co", "--exclude-standard", "-z")
                .run();
        listed.assertSuccess();
        var tree = of(
                Archetype.REFERENCE,
                Stream.of(listed.output().split("\0"))
                        .filter(file -> !file.startsWith("archetype/")
                                && !file.startsWith("registry-free/")
                                && !file.startsWith(".ci/")
                                && !file.startsWith("docs/decisions/archetype-")
                                && !file.equals("README.md")
                                && !file.equals("LICENSE"))
                        .filter(file -> Files.exists(Archetype.REFERENCE.resolve(file))));
        tree.replaceAll((file, content) -> content.replaceAll("(?m)^.*template only(?: -->| \\*/)?\n", ""));
        return tree;
    }

    static void assertHolds(Path folder, Map<String, String> expected) throws IOException {
        var actual = of(folder);
        assertThat(actual.keySet()).as("files in %s", folder).containsAll(expected.keySet());
        expected.forEach((file, content) -> assertThat(actual.get(file))
                .as("content and run bit of %s in %s", file, folder)
                .isEqualTo(content));
    }
}
