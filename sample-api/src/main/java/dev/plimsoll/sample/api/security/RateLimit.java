package dev.plimsoll.sample.api.security;

import dev.plimsoll.sample.api.web.Unavailable;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;
import org.springframework.util.ConcurrentLruCache;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.HandlerExceptionResolver;

/**
 * So many requests a second for each caller. Counted in this process alone: it protects the replica, needs no
 * network, and holds while Redis is away. As a filter of the servlet container it runs after the security chain, so
 * that the caller is known.
 */
@Component
class RateLimit extends OncePerRequestFilter {

    private static final Duration PERIOD = Duration.ofSeconds(1);

    /** Callers remembered at once, the least recently seen forgotten first: memory stays bounded. */
    private static final int CALLERS = 10_000;

    private final ConcurrentLruCache<String, RateLimiter> limiters;
    private final HandlerExceptionResolver problems;

    RateLimit(
            @Value("${rate-limit-per-second}") int perSecond,
            @Qualifier("handlerExceptionResolver") HandlerExceptionResolver problems) {
        var limit = RateLimiterConfig.custom()
                .limitForPeriod(perSecond)
                .limitRefreshPeriod(PERIOD)
                .timeoutDuration(Duration.ZERO)
                .build();
        this.limiters = new ConcurrentLruCache<>(CALLERS, caller -> RateLimiter.of("caller", limit));
        this.problems = problems;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        var caller = request.getUserPrincipal();
        if (caller == null || limiters.get(caller.getName()).acquirePermission()) {
            chain.doFilter(request, response);
        } else {
            problems.resolveException(request, response, null, Unavailable.tooManyRequests(PERIOD));
        }
    }
}
