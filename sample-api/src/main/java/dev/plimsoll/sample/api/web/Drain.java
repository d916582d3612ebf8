package dev.plimsoll.sample.api.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.SmartLifecycle;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * The first part of a graceful end. On SIGTERM {@code /ready} says 503 while requests are still served, each answer
 * with {@code Connection: close}, so that load balancers and clients with open connections go elsewhere. After the
 * delay Spring Boot stops accepting and waits for what is in flight (spring.lifecycle.timeout-per-shutdown-phase).
 */
@Component
class Drain extends OncePerRequestFilter implements SmartLifecycle {

    private static final Logger log = LoggerFactory.getLogger(Drain.class);

    private final Duration delay;
    private volatile boolean running;
    private volatile boolean draining;

    Drain(@Value("${shutdown-delay}") Duration delay) {
        this.delay = delay;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (draining) {
            response.setHeader(HttpHeaders.CONNECTION, "close");
        }
        chain.doFilter(request, response);
    }

    @Override
    public void start() {
        running = true;
    }

    /** Runs after Spring Boot has made {@code /ready} say 503, and before the web server's own end, whose phase is lower. */
    @Override
    public void stop() {
        log.info("Shutdown started: not ready any more, serving for {} more", delay);
        draining = true;
        try {
            Thread.sleep(delay);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        running = false;
    }

    @Override
    public boolean isRunning() {
        return running;
    }
}
