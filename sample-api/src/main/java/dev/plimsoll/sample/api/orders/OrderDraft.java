package dev.plimsoll.sample.api.orders;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.PositiveOrZero;
import jakarta.validation.constraints.Size;

/**
 * What a client may say of an order; the rest of {@link Order} is ours.
 *
 * @param customerId who orders, 1 to 64 characters
 * @param reference  the customer's own words for it, 1 to 140 characters
 * @param amount     the price in minor units of the currency
 * @param currency   ISO 4217 code of a currency that Java knows
 */
public record OrderDraft(
        @NotNull @Size(min = 1, max = 64) @Pattern(regexp = TEXT, message = TEXT_RULE)
        String customerId,

        @NotNull @Size(min = 1, max = 140) @Pattern(regexp = TEXT, message = TEXT_RULE)
        String reference,

        @NotNull @PositiveOrZero @Max(MAX_AMOUNT) Long amount,
        @NotNull @IsoCurrency String currency) {

    /** PostgreSQL stores no NUL, and half a surrogate pair is no text: both would fail only at the database. */
    private static final String TEXT = "[^\\x00-\\x1F\\x7F\\uD800-\\uDFFF]*";

    private static final String TEXT_RULE = "must be text without control characters";

    /** The largest integer that a JavaScript client reads without loss, 2^53 - 1. */
    private static final long MAX_AMOUNT = 9_007_199_254_740_991L;
}
