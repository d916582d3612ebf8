package dev.plimsoll.sample.api.insight;

import dev.plimsoll.sample.api.orders.Order;
import dev.plimsoll.sample.api.web.RequestLog;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import io.github.resilience4j.bulkhead.BulkheadFullException;
import io.github.resilience4j.bulkhead.BulkheadRegistry;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerRegistry;
import io.github.resilience4j.micrometer.tagged.TaggedBulkheadMetrics;
import io.github.resilience4j.micrometer.tagged.TaggedCircuitBreakerMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;

/**
 * Asks the intelligence service. It may be away, slow or wrong: the time-outs of {@code spring.http.clients} bound
 * each call, the bulkhead bounds how many wait, and the circuit breaker spares both sides calls that would fail.
 */
@Component
class InsightClient {

    private static final Logger log = LoggerFactory.getLogger(InsightClient.class);

    private final RestClient client;
    private final MeterRegistry metrics;
    private final Bulkhead bulkhead;
    private final CircuitBreaker breaker;

    InsightClient(
            RestClient.Builder client,
            HttpClientSettings settings,
            @Value("${insight.url}") String url,
            MeterRegistry metrics) {
        // The JDK's client asks every server to upgrade to HTTP/2, which uvicorn does not speak and takes ill.
        var factory = ClientHttpRequestFactoryBuilder.jdk()
                .withHttpClientCustomizer(jdk -> jdk.version(HttpClient.Version.HTTP_1_1))
                .build(settings);
        this.client = client.baseUrl(url).requestFactory(factory).build();
        this.metrics = metrics;

        var bulkheads = BulkheadRegistry.of(BulkheadConfig.custom()
                // 32 calls of at most 0.7 s: more than one healthy instance needs, too few to hurt a sick one.
                .maxConcurrentCalls(32)
                .maxWaitDuration(Duration.ZERO)
                .build());
        var breakers = CircuitBreakerRegistry.of(CircuitBreakerConfig.custom()
                .slidingWindowSize(20)
                .minimumNumberOfCalls(5)
                .failureRateThreshold(50)
                .waitDurationInOpenState(Duration.ofSeconds(5))
                .permittedNumberOfCallsInHalfOpenState(2)
                .build());
        bulkhead = bulkheads.bulkhead("intelligence");
        breaker = breakers.circuitBreaker("intelligence");
        TaggedBulkheadMetrics.ofBulkheadRegistry(bulkheads).bindTo(metrics);
        TaggedCircuitBreakerMetrics.ofCircuitBreakerRegistry(breakers).bindTo(metrics);
    }

    Insight ask(Order order) {
        try {
            var score = bulkhead.executeSupplier(() -> breaker.executeSupplier(() -> call(order)));
            count("available");
            return new Insight(order.id(), true, null, score);
        } catch (RestClientException e) {
            log.warn("The intelligence service did not answer: {}", e.getMessage());
            return unavailable(order, "failed", "The intelligence service did not answer in time.");
        } catch (BulkheadFullException e) {
            return unavailable(order, "busy", "Too many questions to the intelligence service are under way.");
        } catch (CallNotPermittedException e) {
            return unavailable(order, "open", "The intelligence service failed lately and is left alone for a moment.");
        }
    }

    private Insight.Score call(Order order) {
        var score = client.post()
                .uri("/v1/insights")
                .header(RequestLog.REQUEST_ID, RequestLog.currentId())
                .body(new Question(order.id(), order.customerId(), order.amount(), order.currency()))
                .retrieve()
                .body(Insight.Score.class);
        if (score == null) {
            throw new RestClientException("an empty answer");
        }
        return score;
    }

    private Insight unavailable(Order order, String outcome, String reason) {
        count(outcome);
        return new Insight(order.id(), false, reason, null);
    }

    private void count(String outcome) {
        metrics.counter("insight.requests", "outcome", outcome).increment();
    }

    private record Question(UUID orderId, String customerId, long amount, String currency) {}
}
