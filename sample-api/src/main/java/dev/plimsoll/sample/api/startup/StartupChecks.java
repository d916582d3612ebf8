package dev.plimsoll.sample.api.startup;

import java.util.regex.Pattern;
import org.springframework.core.env.Environment;

/**
 * What has to be right before anything is connected to. A default in place of what is missing would be friendlier on
 * the first day and a break-in on another.
 */
public final class StartupChecks {

    /** 22 characters of base64 carry 128 bits. */
    private static final int SHORTEST_SECRET = 22;

    /** What stands in tutorials; does not count as part of a secret. The intelligence service has the same list. */
    private static final Pattern EXAMPLES = Pattern.compile(
            "change.?me|default|example|letmein|passw[o0]rd|placeholder|postgres|redis|secret",
            Pattern.CASE_INSENSITIVE);

    private StartupChecks() {}

    /**
     * Each secret, a property named as its file, is there and nobody can guess it.
     *
     * @throws StartupCheckException naming the first one that will not do and what to do about it, never its value
     */
    public static void secrets(Environment environment, String... names) {
        for (var name : names) {
            var value = environment.getProperty(name, "").strip();
            var unknown = EXAMPLES.matcher(value).replaceAll("");
            if (unknown.length() < SHORTEST_SECRET) {
                var found = value.isEmpty()
                        ? "missing or empty"
                        : unknown.equals(value)
                                ? "shorter than " + SHORTEST_SECRET + " characters"
                                : "an example, not a secret";
                throw new StartupCheckException(
                        "The secret %1$s is %2$s. Expected: a generated value in %3$s/%1$s. Make it with `./run secrets`, or mount it there."
                                .formatted(name, found, environment.getProperty("SECRETS_DIRECTORY", "/run/secrets")));
            }
        }
    }

    /**
     * Metrics have a port of their own: on the public one Spring Boot would serve them to everybody.
     *
     * @throws StartupCheckException if both are the same
     */
    public static void separatePorts(Environment environment) {
        var port = environment.getProperty("server.port", "");
        if (port.equals(environment.getProperty("management.server.port")) && !port.equals("0")) {
            throw new StartupCheckException(
                    "API_PORT and API_MANAGEMENT_PORT are both %s. Expected: two ports, for the second is never published. Change one."
                            .formatted(port));
        }
    }
}
