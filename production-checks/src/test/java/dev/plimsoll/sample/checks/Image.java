package dev.plimsoll.sample.checks;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An image as the engine stores it.
 *
 * @param config its configuration with its history
 * @param files  every file of every layer, also one that a later layer hides
 */
record Image(JsonNode config, List<ImageFile> files) {

    /**
     * A file, folder or link in an image.
     *
     * @param contains the names of what was searched for and is in it
     */
    record ImageFile(String path, TarArchiveEntry entry, Set<String> contains) {

        String name() {
            return path.substring(path.lastIndexOf('/') + 1);
        }

        boolean isSymbolicLink() {
            return entry.isSymbolicLink();
        }

        boolean isFolder() {
            return entry.isDirectory();
        }

        @Override
        public String toString() {
            return "%s %o %d:%d%s"
                    .formatted(
                            path,
                            entry.getMode(),
                            entry.getLongUserId(),
                            entry.getLongGroupId(),
                            contains.isEmpty() ? "" : contains);
        }
    }

    /** Reads it, and looks for texts, given by name, in each of its files. */
    static Image read(String name, Path folder, Map<String, String> wanted) throws IOException {
        var archive = folder.resolve("image.tar");
        Stack.docker("save", "--output", archive.toString(), name).output();
        Command.of("tar", "-xf", archive.toString(), "-C", folder.toString()).output();
        var manifest =
                JsonMapper.shared().readTree(folder.resolve("manifest.json")).path(0);
        var files = new ArrayList<ImageFile>();
        for (var layer : manifest.path("Layers")) {
            readLayer(folder.resolve(layer.asString()), wanted, files);
        }
        return new Image(
                JsonMapper.shared()
                        .readTree(folder.resolve(manifest.path("Config").asString())),
                files);
    }

    private static void readLayer(Path layer, Map<String, String> wanted, List<ImageFile> files) throws IOException {
        try (var tar = new TarArchiveInputStream(uncompressed(Files.newInputStream(layer)))) {
            for (TarArchiveEntry entry; (entry = tar.getNextEntry()) != null; ) {
                var found = new TreeSet<String>();
                if (entry.isFile()) {
                    var content = new String(tar.readAllBytes(), StandardCharsets.ISO_8859_1);
                    wanted.forEach((name, text) -> {
                        if (content.contains(text)) {
                            found.add(name);
                        }
                    });
                }
                files.add(new ImageFile("/" + entry.getName().replaceAll("^\\./|/$", ""), entry, found));
            }
        }
    }

    private static InputStream uncompressed(InputStream stream) {
        try {
            var buffered = new BufferedInputStream(stream);
            buffered.mark(2);
            var compressed = buffered.read() == 0x1f && buffered.read() == 0x8b;
            buffered.reset();
            return compressed ? new GZIPInputStream(buffered) : buffered;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
