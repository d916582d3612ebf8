package dev.plimsoll.sample.api.secrets;

import java.util.Locale;
import java.util.Set;
import org.springframework.core.env.Environment;

/**
 * Stops a start with a secret that is missing, empty, too short or known to everybody. A default would be
 * friendlier on the first day and a break-in on another.
 */
public final class RequiredSecrets {

    /** 22 characters of base64 carry 128 bits, the least that `./run secrets` makes. */
    private static final int SHORTEST = 22;

    /** What stands in tutorials; longer than {@link #SHORTEST} or not, repeated or not, nobody may use it. */
    private static final Set<String> EXAMPLES = Set.of(
            "changeme", "change-me", "password", "passw0rd", "secret", "postgres", "redis", "example", "letmein");

    private RequiredSecrets() {}

    /**
     * Checks each secret, which is the property of its file's name.
     *
     * @throws InvalidSecretException naming the first secret that will not do and what to do about it, never its value
     */
    public static void check(Environment environment, String... names) {
        for (var name : names) {
            var value = environment.getProperty(name, "").strip();
            var defect = defectOf(value);
            if (defect != null) {
                throw new InvalidSecretException(
                        name, environment.getProperty("SECRETS_DIRECTORY", "/run/secrets"), defect);
            }
        }
    }

    private static String defectOf(String value) {
        if (value.isEmpty()) {
            return "missing or empty";
        }
        var lowerCase = value.toLowerCase(Locale.ROOT);
        for (var example : EXAMPLES) {
            if (lowerCase.replace(example, "").length() < SHORTEST && lowerCase.contains(example)) {
                return "an example, not a secret";
            }
        }
        return value.length() < SHORTEST ? "shorter than " + SHORTEST + " characters" : null;
    }
}
