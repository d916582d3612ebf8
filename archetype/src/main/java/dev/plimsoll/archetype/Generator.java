package dev.plimsoll.archetype;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.zip.ZipFile;

/**
 * Puts the project in the place of the stub that the archetype plugin wrote: all of it, or nothing and the reason. Called
 * by archetype-post-generate.groovy.
 */
public final class Generator {

    private static final String TEMPLATE = "project/";

    private Generator() {}

    /**
     * Called by the script with as little Groovy as can be: each call there costs more than all of this class.
     *
     * @param request the plugin's own {@code ArchetypeGenerationRequest}
     * @throws IllegalArgumentException if an answer can't be used or the folder is not empty; nothing is left behind
     */
    public static void generate(Object request) throws ReflectiveOperationException, IOException, URISyntaxException {
        var type = request.getClass();
        generate((String) type.getMethod("getOutputDirectory").invoke(request), (Properties)
                type.getMethod("getProperties").invoke(request));
    }

    private static void generate(String outputDirectory, Properties properties) throws IOException, URISyntaxException {
        var answers = Answers.of(properties);
        var output = Path.of(outputDirectory);
        var folder = Path.of(outputDirectory, answers.artifactId());
        // The plugin itself refuses a folder with a pom.xml, so this one is its stub.
        Files.delete(folder.resolve("pom.xml"));
        var problems = answers.problems();
        if (folder.toFile().list().length > 0) {
            problems.add(
                    "The folder '%s' holds files.%n  Rule: it is empty or not there, so that nothing is overwritten.%n"
                                    .formatted(folder)
                            + "  Example: -DartifactId=shop-2, or -DoutputDirectory=elsewhere");
        }
        if (!problems.isEmpty()) {
            takeBack(folder, output, answers.artifactId());
            throw new IllegalArgumentException(
                    "Nothing was generated.%n%s".formatted(String.join(System.lineSeparator(), problems)));
        }
        try {
            write(answers, folder);
        } catch (IOException | RuntimeException e) {
            deleteContent(folder);
            takeBack(folder, output, answers.artifactId());
            throw e;
        }
    }

    private static void write(Answers answers, Path folder) throws IOException, URISyntaxException {
        var archetype = Generator.class.getProtectionDomain().getCodeSource().getLocation();
        try (var zip = new ZipFile(Path.of(archetype.toURI()).toFile())) {
            for (var entries = zip.entries(); entries.hasMoreElements(); ) {
                var entry = entries.nextElement();
                if (entry.isDirectory() || !entry.getName().startsWith(TEMPLATE)) {
                    continue;
                }
                var file = folder.resolve(answers.fill(entry.getName().substring(TEMPLATE.length())));
                var text = answers.fill(new String(zip.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8));
                Files.createDirectories(file.getParent());
                Files.writeString(file, file.toString().endsWith(".java") ? sortImports(text) : text);
                if (text.startsWith("#!")) {
                    makeExecutable(file);
                }
            }
        }
    }

    /** The formatter wants imports in their order, and with another package that is another one. */
    private static String sortImports(String java) {
        var lines = java.split("(?<=\n)");
        for (int from = 0, to; from < lines.length; from = to + 1) {
            to = from;
            while (to < lines.length && lines[to].startsWith("import ")) {
                to++;
            }
            Arrays.sort(lines, from, to, Comparator.comparing(line -> line.replace(";", "")));
        }
        return String.join("", lines);
    }

    /** For all who can read the file, so that the umask counts. */
    private static void makeExecutable(Path file) throws IOException {
        if (!file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return;
        }
        var permissions = Files.getPosixFilePermissions(file);
        for (var who : new String[] {"OWNER", "GROUP", "OTHERS"}) {
            if (permissions.contains(PosixFilePermission.valueOf(who + "_READ"))) {
                permissions.add(PosixFilePermission.valueOf(who + "_EXECUTE"));
            }
        }
        Files.setPosixFilePermissions(file, permissions);
    }

    static void deleteContent(Path folder) throws IOException {
        try (var paths = Files.walk(folder)) {
            for (var path : paths.sorted(Comparator.reverseOrder()).toList()) {
                if (!path.equals(folder)) {
                    Files.delete(path);
                }
            }
        }
    }

    /** What the plugin did besides the stub. */
    private static void takeBack(Path folder, Path output, String artifactId) throws IOException {
        // An artifactId with a slash made several folders. Those that hold something stay: delete() does nothing then.
        for (var path = folder; !path.equals(output); path = path.getParent()) {
            if (!Files.isSymbolicLink(path)) {
                path.toFile().delete();
            }
        }
        // In a project around this one it added a module, whose absence would break that build.
        var pom = output.resolve("pom.xml");
        if (Files.exists(pom)) {
            var module = artifactId.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
            Files.writeString(
                    pom, Files.readString(pom).replaceFirst("\\s*<module>" + Pattern.quote(module) + "</module>", ""));
        }
    }
}
