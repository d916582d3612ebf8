package dev.plimsoll.sample.api.orders;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.TimeBasedEpochGenerator;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.web.server.ResponseStatusException;
import tools.jackson.databind.json.JsonMapper;

/** Orders: PostgreSQL has the truth, Redis a copy of single ones for a while. */
@Service
public class OrderService {

    private static final TimeBasedEpochGenerator IDS = Generators.timeBasedEpochGenerator();

    private final OrderRepository orders;
    private final IdempotencyKeys keys;
    private final OrderCache cache;
    private final JsonMapper json;

    OrderService(OrderRepository orders, IdempotencyKeys keys, OrderCache cache, JsonMapper json) {
        this.orders = orders;
        this.keys = keys;
        this.cache = cache;
        this.json = json;
    }

    /**
     * The order with this id.
     *
     * @throws ResponseStatusException 404 if there is none
     */
    public Order get(UUID id) {
        return cache.find(id).orElseGet(() -> {
            var order = orders.find(id).orElseThrow(() -> notFound(id));
            cache.keep(order);
            return order;
        });
    }

    OrderPage page(int limit, @Nullable UUID after) {
        // One more than asked for tells whether there is a next page.
        var found = orders.page(limit + 1, after);
        if (found.size() <= limit) {
            return new OrderPage(found, null);
        }
        var items = found.subList(0, limit);
        return new OrderPage(items, items.getLast().id());
    }

    /**
     * Creates an order; under a key that this caller has used before, gives the first answer again.
     *
     * @throws ResponseStatusException 422 if the key was used for another request
     */
    @Transactional
    public Order create(OrderDraft draft, String caller, @Nullable String key) {
        // PostgreSQL keeps microseconds; the answer must equal what a later read gives.
        var now = Instant.now().truncatedTo(ChronoUnit.MICROS);
        var order = new Order(
                IDS.generate(), draft.customerId(), draft.reference(), draft.amount(), draft.currency(), 1, now, now);
        if (key != null) {
            var hash = sha256(json.writeValueAsString(draft));
            var earlier = keys.claim(caller, key, hash, json.writeValueAsString(order));
            if (earlier.isPresent()) {
                if (!MessageDigest.isEqual(hash, earlier.get().requestHash())) {
                    throw new ResponseStatusException(
                            HttpStatus.UNPROCESSABLE_CONTENT,
                            "This Idempotency-Key was used for another request; take a new one for a new order.");
                }
                return json.readValue(earlier.get().response(), Order.class);
            }
        }
        orders.insert(order);
        return order;
    }

    Order update(UUID id, VersionCondition condition, OrderDraft draft) {
        var order = orders.update(id, condition, draft).orElseThrow(() -> conditionFailed(id));
        cache.evict(id);
        return order;
    }

    void delete(UUID id, VersionCondition condition) {
        if (!orders.delete(id, condition)) {
            throw conditionFailed(id);
        }
        cache.evict(id);
    }

    private ResponseStatusException conditionFailed(UUID id) {
        return orders.find(id)
                .map(order -> new ResponseStatusException(
                        HttpStatus.PRECONDITION_FAILED,
                        "If-Match names none of the order's present version, whose ETag is %s. Read it again and decide anew."
                                .formatted(order.eTag())))
                .orElseGet(() -> notFound(id));
    }

    private static ResponseStatusException notFound(UUID id) {
        return new ResponseStatusException(HttpStatus.NOT_FOUND, "There is no order " + id + ".");
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
