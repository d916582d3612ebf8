package dev.plimsoll.sample.checks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A process of a container as the kernel of this machine shows it.
 *
 * @param pid       its number on this machine
 * @param status    the lines of its {@code status}: numbers of users, capabilities and more
 * @param arguments its command line
 */
record ContainerProcess(long pid, Map<String, String> status, List<String> arguments) {

    /** A line of its {@code mountinfo}; {@code root} is the part of the file system that is mounted. */
    record Mount(String root, String path, String type, Set<String> options, Set<String> superOptions) {

        boolean isWritable() {
            return options.contains("rw") && superOptions.contains("rw");
        }
    }

    @Override
    public String toString() {
        return pid + " " + arguments;
    }

    /** Nothing, if it has ended meanwhile. */
    static Optional<ContainerProcess> read(long pid) {
        try {
            var status = Files.readAllLines(proc(pid, "status")).stream()
                    .map(line -> line.split(":\\s*", 2))
                    .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1].replace('\t', ' ')));
            return Optional.of(new ContainerProcess(
                    pid, status, Arrays.asList(text(pid, "cmdline").split("\0"))));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Path proc(long pid, String file) {
        return Path.of("/proc", String.valueOf(pid), file);
    }

    private static String text(long pid, String file) throws IOException {
        return new String(Files.readAllBytes(proc(pid, file)), StandardCharsets.ISO_8859_1);
    }

    /** Whether its control group names the container, so that it is not another one that has its number here. */
    boolean isIn(String container) {
        return read("cgroup").contains(container);
    }

    /** The content of a file in its folder of {@code /proc}; empty, if it has ended meanwhile. */
    String read(String file) {
        try {
            return text(pid, file);
        } catch (IOException e) {
            if (Files.exists(proc(pid, ""))) {
                throw new UncheckedIOException(e);
            }
            return "";
        }
    }

    long parent() {
        return Long.parseLong(status.get("PPid"));
    }

    List<Mount> mounts() {
        return read("mountinfo")
                .lines()
                .map(line -> line.split(" - "))
                .map(parts -> {
                    var first = parts[0].split(" ");
                    var second = parts[1].split(" ");
                    return new Mount(first[3], first[4], second[0], options(first[5]), options(second[2]));
                })
                .toList();
    }

    private static Set<String> options(String text) {
        return new TreeSet<>(List.of(text.split(",")));
    }

    /** Why a file can't be written in the file system that it sees, tried as root; or that it could. */
    String writeRefused(String path) {
        var file = proc(pid, "root" + path);
        try {
            Files.createFile(file);
            Files.delete(file);
            return "written";
        } catch (FileSystemException e) {
            return String.valueOf(e.getReason());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Nothing happens if it has ended. */
    void thaw() {
        Command.of("kill", "-CONT", String.valueOf(pid)).result();
    }

    void signal(String name) {
        Command.of("kill", "-" + name, String.valueOf(pid)).output();
    }

    /** A command of this machine in the network of its container. */
    Command inItsNetwork(String... words) {
        var all = new ArrayList<>(List.of("nsenter", "--target", String.valueOf(pid), "--net"));
        all.addAll(List.of(words));
        return Command.of(all);
    }
}
