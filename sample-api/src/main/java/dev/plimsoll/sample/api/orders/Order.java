package dev.plimsoll.sample.api.orders;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.time.Instant;
import java.util.UUID;

/**
 * An order as it is stored and answered.
 *
 * @param id         version 7 UUID: grows with time, so it orders pages as well
 * @param customerId who ordered, 1 to 64 characters
 * @param reference  the customer's own words for it, 1 to 140 characters
 * @param amount     the price in minor units of the currency (cents for EUR, yen for JPY)
 * @param currency   ISO 4217 code
 * @param version    1 at first, one more with each change; the ETag
 * @param createdAt  UTC, to the microsecond as PostgreSQL keeps it
 * @param updatedAt  UTC, equal to {@code createdAt} until the first change
 */
// A newer replica may have written more into the cache than this one knows.
@JsonIgnoreProperties(ignoreUnknown = true)
public record Order(
        UUID id,
        String customerId,
        String reference,
        long amount,
        String currency,
        int version,
        Instant createdAt,
        Instant updatedAt) {

    String eTag() {
        return "\"" + version + "\"";
    }
}
