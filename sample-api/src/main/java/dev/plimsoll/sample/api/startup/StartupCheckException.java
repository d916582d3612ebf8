package dev.plimsoll.sample.api.startup;

/** The process refuses to start as it is configured. The text says what was found, what was expected, what to do. */
public final class StartupCheckException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    StartupCheckException(String message) {
        super(message);
    }
}
