package dev.plimsoll.sample.checks;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;

/** A copy of this project without what a build made and without secrets. */
final class Tree {

    private static final Set<String> LEFT_OUT = Set.of(
            ".git",
            ".tools",
            ".venv",
            ".env",
            "target",
            "secrets",
            "__pycache__",
            ".pytest_cache",
            ".mypy_cache",
            ".ruff_cache");

    private Tree() {}

    static Path copyTo(Path folder) throws IOException {
        Files.walkFileTree(Stack.ROOT, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path source, BasicFileAttributes attributes) throws IOException {
                if (LEFT_OUT.contains(source.getFileName().toString())) {
                    return FileVisitResult.SKIP_SUBTREE;
                }
                Files.createDirectories(target(source));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path source, BasicFileAttributes attributes) throws IOException {
                if (!LEFT_OUT.contains(source.getFileName().toString())) {
                    Files.copy(source, target(source), StandardCopyOption.COPY_ATTRIBUTES);
                }
                return FileVisitResult.CONTINUE;
            }

            private Path target(Path source) {
                return folder.resolve(Stack.ROOT.relativize(source));
            }
        });
        return folder;
    }
}
