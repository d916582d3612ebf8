package dev.plimsoll.sample.api.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.UUID;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.slf4j.event.Level;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Gives every request an id that the caller can quote (its own, if it sends a sane one), puts it into each line of
 * the log, and writes one line when the request is done.
 */
@Component
// Inside the observation, which is first, so that this line has the trace's ids; outside security, so that a
// refusal is logged too.
@Order(Ordered.HIGHEST_PRECEDENCE + 2)
public class RequestLog extends OncePerRequestFilter {

    /** The header in which the id comes, goes out again, and is passed on. */
    public static final String REQUEST_ID = "X-Request-Id";

    private static final Logger log = LoggerFactory.getLogger(RequestLog.class);
    private static final String MDC_KEY = "http.request.id";
    private static final Pattern SANE = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    /** The id of the request that this thread serves; empty outside one. */
    public static String currentId() {
        var id = MDC.get(MDC_KEY);
        return id == null ? "" : id;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        var sent = request.getHeader(REQUEST_ID);
        var id = sent != null && SANE.matcher(sent).matches()
                ? sent
                : UUID.randomUUID().toString();
        request.setAttribute(REQUEST_ID, id);
        response.setHeader(REQUEST_ID, id);
        var start = System.nanoTime();
        try (var _ = MDC.putCloseable(MDC_KEY, id)) {
            var answered = false;
            try {
                chain.doFilter(request, response);
                answered = true;
            } finally {
                // What nobody caught becomes a 500 only after this filter.
                write(request, answered ? response.getStatus() : 500, System.nanoTime() - start);
            }
        }
    }

    private static void write(HttpServletRequest request, int status, long nanos) {
        var path = request.getRequestURI();
        // Probes come every few seconds; only their failures are news.
        var level = status < 400 && (path.equals("/health") || path.equals("/ready")) ? Level.DEBUG : Level.INFO;
        log.atLevel(level)
                .addKeyValue("http.request.method", request.getMethod())
                .addKeyValue("url.path", path)
                .addKeyValue("http.response.status_code", status)
                .addKeyValue("event.duration", nanos)
                .log("{} {} {} {} ms", request.getMethod(), path, status, nanos / 1_000_000);
    }
}
