package dev.plimsoll.sample.api.web;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.core.AuthenticationException;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.TransactionSystemException;
import org.springframework.validation.FieldError;
import org.springframework.web.bind.MethodArgumentNotValidException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.method.annotation.HandlerMethodValidationException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.databind.DatabindException;

/**
 * Every error as a problem of RFC 9457, with the id of the request and, where single fields are wrong, their list.
 * Spring's own texts say what the client did; nothing here tells it what the program is made of.
 */
@RestControllerAdvice
class Problems extends ResponseEntityExceptionHandler {

    private static final Logger log = LoggerFactory.getLogger(Problems.class);

    /** One field that is wrong. */
    record Field(String field, String message) {}

    @Override
    protected @Nullable ResponseEntity<Object> handleMethodArgumentNotValid(
            MethodArgumentNotValidException e, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        e.getBody().setDetail("The request has invalid fields.");
        e.getBody()
                .setProperty(
                        "errors",
                        e.getBindingResult().getFieldErrors().stream()
                                .map(error -> new Field(error.getField(), message(error)))
                                .toList());
        return super.handleMethodArgumentNotValid(e, headers, status, request);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleHandlerMethodValidationException(
            HandlerMethodValidationException e, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        e.getBody().setDetail("The request has invalid fields.");
        e.getBody().setProperty("errors", fields(e));
        return super.handleHandlerMethodValidationException(e, headers, status, request);
    }

    private static List<Field> fields(HandlerMethodValidationException e) {
        return e.getParameterValidationResults().stream()
                .flatMap(result -> result.getResolvableErrors().stream()
                        .map(error -> error instanceof FieldError field
                                ? new Field(field.getField(), message(field))
                                : new Field(
                                        String.valueOf(
                                                result.getMethodParameter().getParameterName()),
                                        String.valueOf(error.getDefaultMessage()))))
                .toList();
    }

    private static String message(FieldError error) {
        return String.valueOf(error.getDefaultMessage());
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleHttpMessageNotReadable(
            HttpMessageNotReadableException e, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        var problem = e.getMostSpecificCause() instanceof StreamConstraintsException
                ? ProblemDetail.forStatusAndDetail(
                        HttpStatus.CONTENT_TOO_LARGE,
                        "The body is larger than this API reads: at most %d bytes.".formatted(StrictJson.LONGEST))
                : ProblemDetail.forStatusAndDetail(status, "The body is not the JSON that is expected here.");
        if (e.getCause() instanceof DatabindException mismatch
                && !mismatch.getPath().isEmpty()) {
            var field = mismatch.getPath().stream()
                    .map(reference -> String.valueOf(reference.getPropertyName()))
                    .collect(Collectors.joining("."));
            problem.setProperty("errors", List.of(new Field(field, "is of another type, or not known here")));
        }
        return handleExceptionInternal(e, problem, headers, HttpStatus.valueOf(problem.getStatus()), request);
    }

    @ExceptionHandler
    @Nullable
    ResponseEntity<Object> unauthorized(AuthenticationException e, WebRequest request) {
        return problem(e, HttpStatus.UNAUTHORIZED, "Send a valid access token as `Authorization: Bearer …`.", request);
    }

    @ExceptionHandler
    @Nullable
    ResponseEntity<Object> keysAway(AuthenticationServiceException e, WebRequest request) {
        log.warn("No keys to verify a token with: {}", e.getMessage());
        return unavailable(e, Unavailable.keys(), request);
    }

    @ExceptionHandler
    @Nullable
    ResponseEntity<Object> forbidden(AccessDeniedException e, WebRequest request) {
        return problem(e, HttpStatus.FORBIDDEN, "Your access token lacks the scope for this.", request);
    }

    @ExceptionHandler({
        DataAccessResourceFailureException.class,
        TransientDataAccessException.class,
        CannotCreateTransactionException.class,
        TransactionSystemException.class
    })
    @Nullable
    ResponseEntity<Object> databaseAway(Exception e, WebRequest request) {
        log.warn("PostgreSQL did not answer: {}", e.getMessage());
        return unavailable(e, Unavailable.database(), request);
    }

    private @Nullable ResponseEntity<Object> unavailable(Exception e, Unavailable answer, WebRequest request) {
        return handleExceptionInternal(e, answer.getBody(), answer.getHeaders(), answer.getStatusCode(), request);
    }

    @ExceptionHandler
    @Nullable
    ResponseEntity<Object> unexpected(Exception e, WebRequest request) {
        log.error("Unexpected error", e);
        return problem(
                e,
                HttpStatus.INTERNAL_SERVER_ERROR,
                "An error on our side. Quote the requestId when you report it.",
                request);
    }

    private @Nullable ResponseEntity<Object> problem(
            Exception e, HttpStatus status, String detail, WebRequest request) {
        return handleExceptionInternal(
                e, ProblemDetail.forStatusAndDetail(status, detail), new HttpHeaders(), status, request);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleExceptionInternal(
            Exception e, @Nullable Object body, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        var answer = super.handleExceptionInternal(e, body, headers, status, request);
        if (answer != null && answer.getBody() instanceof ProblemDetail problem) {
            problem.setProperty("requestId", RequestLog.currentId());
        }
        return answer;
    }
}
