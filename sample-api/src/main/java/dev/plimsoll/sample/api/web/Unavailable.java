package dev.plimsoll.sample.api.web;

import java.time.Duration;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.ErrorResponseException;

/** An answer that only the moment refuses: the client may come again after {@code Retry-After}. */
public final class Unavailable extends ErrorResponseException {

    private static final long serialVersionUID = 1L;

    private Unavailable(HttpStatus status, String detail, Duration retryAfter) {
        super(status, ProblemDetail.forStatusAndDetail(status, detail), null);
        getHeaders().set(HttpHeaders.RETRY_AFTER, String.valueOf(retryAfter.toSeconds()));
    }

    /** 429: this caller sends more than its share. */
    public static Unavailable tooManyRequests(Duration retryAfter) {
        return new Unavailable(HttpStatus.TOO_MANY_REQUESTS, "You send more requests than one caller may.", retryAfter);
    }

    /** 503: the issuer of tokens does not say with which keys it signs. */
    static Unavailable keys() {
        return new Unavailable(
                HttpStatus.SERVICE_UNAVAILABLE, "Tokens can't be verified at the moment.", Duration.ofSeconds(1));
    }

    /** 503: PostgreSQL is away or takes too long. */
    static Unavailable database() {
        return new Unavailable(
                HttpStatus.SERVICE_UNAVAILABLE, "The database does not answer at the moment.", Duration.ofSeconds(1));
    }
}
