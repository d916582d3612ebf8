package dev.plimsoll.sample.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Who gets into Redis and what each user may do there, tried. */
@ResourceLock(value = Stack.LOCK, mode = ResourceAccessMode.READ)
class RedisIT {

    private static final List<String> USERS = List.of("admin", "api", "intelligence", "monitoring");

    private final Service redis = Stack.up().service("redis");

    @Test
    void nobodyComesInWithoutTheRightPassword() {
        for (var command : List.of("PING", "GET order:1", "INFO", "CONFIG GET *", "ACL LIST")) {
            assertThat(send(redis, "", command.split(" ")))
                    .as("%s without logging in", command)
                    .startsWith("NOAUTH");
        }
        assertThat(send(redis, "", "AUTH", "default", "")).startsWith("WRONGPASS");
        for (var user : USERS) {
            assertThat(send(redis, "", "AUTH", user, "wrong")).as(user).startsWith("WRONGPASS");
            assertThat(as(redis, user, "PING")).as(user).isEqualTo("PONG");
        }
    }

    @Test
    void exactlyTheseUsersAreOn() {
        assertThat(as(redis, "admin", "ACL", "LIST").lines())
                .filteredOn(line -> line.contains(" on "))
                .extracting(line -> line.split(" ")[1])
                .containsExactlyInAnyOrderElementsOf(USERS);
        assertThat(as(redis, "admin", "ACL", "LIST"))
                .contains("user default off")
                .doesNotContain("nopass");
    }

    @Test
    void eachServiceReadsAndWritesItsOwnKeysAndDoesNothingElse() {
        assertOwnKeys("api", "order:", "history:");
        assertOwnKeys("intelligence", "history:", "order:");
    }

    private void assertOwnKeys(String user, String own, String other) {
        assertThat(as(redis, user, "SET", own + "check", "1", "EX", "10")).isEqualTo("OK");
        assertThat(as(redis, user, "GET", own + "check")).isEqualTo("1");
        for (var command : List.of(
                "GET " + other + "check",
                "SET " + other + "check 1",
                "SET check 1",
                "CONFIG GET *",
                "CONFIG SET save 1",
                "KEYS *",
                "SCAN 0",
                "FLUSHALL",
                "DEL " + own + "check",
                "EVAL return(1) 0",
                "ACL LIST",
                "SHUTDOWN NOSAVE",
                "REPLICAOF 127.0.0.1 1",
                "MONITOR",
                "SUBSCRIBE x",
                "INFO",
                "CLIENT LIST")) {
            assertThat(as(redis, user, command.split(" ")))
                    .as("%s: %s", user, command)
                    .startsWith("NOPERM");
        }
    }

    @Test
    void monitoringSeesFiguresAndNoKey() {
        assertThat(as(redis, "monitoring", "INFO", "memory")).contains("used_memory:");
        for (var command :
                List.of("GET order:1", "SET order:1 1", "KEYS *", "SCAN 0", "CONFIG SET save 1", "ACL LIST")) {
            assertThat(as(redis, "monitoring", command.split(" "))).as(command).startsWith("NOPERM");
        }
    }

    @Test
    void itKeepsWhatIsWrittenAndStaysWithinItsMemory() {
        assertThat(setting("appendonly")).isEqualTo("yes");
        assertThat(setting("save")).as("snapshots").isNotEmpty();
        assertThat(as(redis, "admin", "INFO", "persistence"))
                .contains("aof_enabled:1", "aof_last_write_status:ok", "rdb_last_bgsave_status:ok");
        var memory = redis.config().path("mem_limit").asLong();
        assertThat(Long.parseLong(setting("maxmemory")))
                .as("half of the container's memory at most, since a snapshot may need it twice")
                .isBetween(1L, memory / 2);
        assertThat(setting("maxmemory-policy")).isEqualTo("allkeys-lfu");
    }

    private String setting(String name) {
        return as(redis, "admin", "CONFIG", "GET", name)
                .lines()
                .skip(1)
                .findFirst()
                .orElse("");
    }

    /** What Redis answers to a command of a user that has logged in. */
    static String as(Service redis, String user, String... command) {
        var words = new ArrayList<>(List.of("--user", user));
        words.addAll(List.of(command));
        return send(redis, Stack.secrets().get("redis_" + user + "_password"), words.toArray(String[]::new));
    }

    private static String send(Service redis, String password, String... arguments) {
        // The password on standard input: the command line can be read by others.
        var words = new ArrayList<>(List.of(
                "sh",
                "-c",
                "read -r password; [ -z \"$password\" ] || export REDISCLI_AUTH=$password;"
                        + " exec redis-cli \"$@\" </dev/null",
                "sh"));
        words.addAll(List.of(arguments));
        return redis.exec(words.toArray(String[]::new))
                .saying(password + "\n")
                .result()
                .text();
    }
}
