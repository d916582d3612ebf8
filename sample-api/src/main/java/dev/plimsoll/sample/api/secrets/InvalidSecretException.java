package dev.plimsoll.sample.api.secrets;

/** A secret that the process refuses to start with. Holds where it was looked for, never the value. */
public final class InvalidSecretException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    InvalidSecretException(String name, String directory, String defect) {
        super(
                "The secret %s is %s. Expected: a file %s/%s with a generated value. Make it with `./run secrets`, or mount it there."
                        .formatted(name, defect, directory, name));
    }
}
