package dev.plimsoll.archetype;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Cuts the template from the reference project: copies what git would track, with tokens in the place of the reference's
 * coordinates and without what belongs to the template's repository alone. What it can't do safely it refuses, with file
 * and line.
 */
public final class Cut {

    private static final Pattern TEMPLATE_ONLY =
            Pattern.compile("(archetype|registry-free|\\.ci)/.*|docs/decisions/archetype-.*|README\\.md|LICENSE");
    private static final Pattern TEMPLATE_ONLY_LINE =
            Pattern.compile(".*(#|//|--|/\\*)\\s*template only\\s*(-->|\\*/)?\\s*", Pattern.DOTALL);
    /** Files that a generated project has and the reference has not; the tokens are in them already. */
    private static final String GENERATED_ONLY = "archetype/src/main/project/";
    /** Names that others gave and that contain the reference's. */
    private static final Pattern FOREIGN = Pattern.compile("(?i).*(sampler|sample_limit).*");

    private final Path reference;
    private final Path template;
    private final Map<String, Pattern> literals = new LinkedHashMap<>();
    private final Pattern leftover;
    private final List<String> problems = new ArrayList<>();

    private Cut(Path reference, Path template, Answers coordinates) {
        this.reference = reference;
        this.template = template;
        // Whole words only; what that leaves of the reference's names is refused.
        coordinates.tokens().forEach((token, literal) -> {
            var word = Pattern.quote(literal);
            literals.put(
                    token,
                    Pattern.compile(
                            switch (token) {
                                case "@groupId@" -> "(?<![\\w.])" + word + "(?!\\.?[\\w-])";
                                case "@artifactId@" -> "(?<!\\w)" + word + "(?!\\w)";
                                default -> "(?<![\\w.])" + word + "(?![\\w-])";
                            }));
        });
        leftover = Pattern.compile("(?i)\\w*(" + Pattern.quote(coordinates.artifactId()) + "|"
                + Pattern.quote(coordinates.groupId().replaceAll(".*\\.", "")) + ")\\w*");
    }

    /** The arguments are those in the pom.xml. */
    public static void main(String... arguments) throws IOException, InterruptedException {
        var reference = Path.of(arguments[0]).toRealPath();
        var template = Path.of(arguments[1]);
        var coordinates = new Answers(arguments[2], arguments[3], arguments[4], arguments[2] + "." + arguments[3]);
        if (!coordinates.version().endsWith("-SNAPSHOT")) {
            throw new IllegalArgumentException(
                    "The reference's version is %s. Expected one that ends in -SNAPSHOT, since"
                                    .formatted(coordinates.version())
                            + " lock files hold plain ones too. For a release give the archetype's pom.xml a <version> of its own.");
        }
        Generator.deleteContent(Files.createDirectories(template));
        new Cut(reference, template, coordinates).cut(arguments[5]);
    }

    private void cut(String templateVersion) throws IOException, InterruptedException {
        for (var path : trackedFiles()) {
            if (path.startsWith(GENERATED_ONLY)) {
                var text = Files.readString(reference.resolve(path)).replace("@templateVersion@", templateVersion);
                write(path.substring(GENERATED_ONLY.length()), text);
            } else if (!TEMPLATE_ONLY.matcher(path).matches()) {
                write(withTokens(path, path, 1), withoutTemplateOnlyLines(path, read(path)));
            }
        }
        if (!problems.isEmpty()) {
            throw new IllegalStateException(
                    "The template can't be cut:%n%s".formatted(String.join(System.lineSeparator(), problems)));
        }
    }

    /** Git looks at the tree from an empty repository, so that an unpacked archive is as good as a checkout. */
    private String[] trackedFiles() throws IOException, InterruptedException {
        var repository = template.resolveSibling("../cut.git").normalize().toString();
        git("init", "--quiet", "--bare", "--template=", repository);
        return git("--git-dir=" + repository, "--work-tree=.", "ls-files", "--others", "--exclude-standard", "-z")
                .split("\0");
    }

    private String git(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(arguments));
        command.add(0, "git");
        var builder = new ProcessBuilder(command)
                .directory(reference.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().keySet().removeIf(name -> name.startsWith("GIT_"));
        var process = builder.start();
        var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(
                    "Expected success of %s, found exit code %d.".formatted(command, process.exitValue()));
        }
        return output;
    }

    private String read(String path) throws IOException {
        var file = reference.resolve(path);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            refuse(path, 1, "a regular file", "a symbolic link or another repository");
            return "";
        }
        var text = "";
        try {
            var bytes = ByteBuffer.wrap(Files.readAllBytes(file));
            text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            refuse(path, 1, "UTF-8", "other bytes");
            return "";
        }
        if (text.indexOf('\0') >= 0) {
            refuse(path, 1, "text", "a binary file");
        }
        // A jar keeps no run bits: they are set by this rule.
        if (text.startsWith("#!") != Files.isExecutable(file)) {
            refuse(
                    path,
                    1,
                    "a run bit on files that start with #! and on no others",
                    text.startsWith("#!") ? "#! without it" : "one without #!");
        }
        return text;
    }

    private String withoutTemplateOnlyLines(String path, String text) {
        var result = new StringBuilder();
        var lines = text.split("(?<=\n)");
        for (int i = 0; i < lines.length; i++) {
            if (!TEMPLATE_ONLY_LINE.matcher(lines[i]).matches()) {
                if (lines[i].contains("template only")) {
                    refuse(
                            path,
                            i + 1,
                            "'template only' as a comment at the end of the line or not at all",
                            lines[i].strip());
                }
                result.append(withTokens(lines[i], path, i + 1));
            }
        }
        return result.toString();
    }

    private String withTokens(String text, String path, int line) {
        var result = text;
        for (var literal : literals.entrySet()) {
            if (text.contains(literal.getKey())) {
                refuse(path, line, "no token of the template", literal.getKey());
            }
            result = literal.getValue().matcher(result).replaceAll(literal.getKey());
        }
        leftover.matcher(result)
                .results()
                .map(MatchResult::group)
                .filter(word -> !FOREIGN.matcher(word).matches())
                .forEach(word -> refuse(path, line, "the reference's names as whole words or not at all", word));
        return result;
    }

    private void refuse(String path, int line, String expected, String found) {
        problems.add("%s:%d: expected %s, found: %s".formatted(path, line, expected, found));
    }

    private void write(String path, String text) throws IOException {
        var file = template.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text, StandardOpenOption.CREATE_NEW);
    }
}
