package dev.plimsoll.sample.api.insight;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What the intelligence service says of an order, or that it said nothing in time. The order itself never waits
 * for it.
 *
 * @param orderId   the order
 * @param available whether the intelligence service answered
 * @param reason    why it is not available, in words; absent if it is
 * @param score     its answer; absent if it is not available
 */
public record Insight(
        UUID orderId,
        boolean available,
        @Nullable String reason,
        @Nullable Score score) {

    /**
     * How usual an order is among its customer's own.
     *
     * @param count          orders of the customer's history that were used
     * @param assessment     {@code typical}, {@code unusual} or {@code insufficient-history}
     * @param expectedAmount what such an order usually costs, minor units; absent without enough history
     * @param deviation      the amount less the expected one, minor units; absent without enough history
     * @param anomalyScore   the distance in units of the history's own spread; absent without enough history
     * @param method         the statistic behind the score
     */
    // A newer intelligence service may say more.
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Score(
            int count,
            String assessment,
            @Nullable Long expectedAmount,
            @Nullable Long deviation,
            @Nullable Double anomalyScore,
            String method) {}
}
