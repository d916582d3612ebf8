package dev.plimsoll.sample.checks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The bounds that the kernel holds a container to, in either layout of control groups.
 *
 * @param memory    bytes
 * @param swap      bytes of memory and swap together
 * @param cpus      seconds of processor time a second
 * @param processes processes and threads
 */
record Limits(long memory, long swap, double cpus, long processes) {

    static Limits of(ContainerProcess process) {
        if (!Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"))) {
            return new Limits(
                    Long.parseLong(version1(process, "memory", "memory.limit_in_bytes")),
                    Long.parseLong(version1(process, "memory", "memory.memsw.limit_in_bytes")),
                    cpus(version1(process, "cpu", "cpu.cfs_quota_us"), version1(process, "cpu", "cpu.cfs_period_us")),
                    number(version1(process, "pids", "pids.max")));
        }
        var memory = number(version2(process, "memory.max"));
        var quota = version2(process, "cpu.max").split(" ");
        return new Limits(
                memory,
                memory + number(version2(process, "memory.swap.max")),
                cpus(quota[0], quota[1]),
                number(version2(process, "pids.max")));
    }

    private static long number(String text) {
        return text.equals("max") ? Long.MAX_VALUE : Long.parseLong(text);
    }

    private static double cpus(String quota, String period) {
        return quota.equals("max") || quota.equals("-1")
                ? Double.POSITIVE_INFINITY
                : Double.parseDouble(quota) / Double.parseDouble(period);
    }

    private static String version1(ContainerProcess process, String controller, String file) {
        return read("/sys/fs/cgroup/" + controller, process, ":" + controller + ":", file);
    }

    private static String version2(ContainerProcess process, String file) {
        return read("/sys/fs/cgroup", process, "0::", file);
    }

    private static String read(String mount, ContainerProcess process, String marker, String file) {
        var line = process.read("cgroup")
                .lines()
                .filter(each -> each.contains(marker))
                .findFirst()
                .orElseThrow();
        try {
            return Files.readString(Path.of(mount, line.substring(line.indexOf(":/") + 1), file))
                    .strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
