package dev.plimsoll.sample.api.orders;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A page of orders, oldest first.
 *
 * @param items the orders
 * @param next  the value of {@code after} for the next page; absent on the last one
 */
public record OrderPage(List<Order> items, @Nullable UUID next) {}
