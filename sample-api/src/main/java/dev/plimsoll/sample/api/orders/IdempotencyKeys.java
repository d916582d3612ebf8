package dev.plimsoll.sample.api.orders;

import java.time.Duration;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Repository;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

/**
 * The table {@code idempotency_keys}: which request a caller has already made under a key, and what was answered.
 * It is in PostgreSQL and written in the transaction of the order itself, so that both are there or neither.
 */
@Repository
class IdempotencyKeys {

    /** A client that retries does so within minutes; a day leaves room for a queue that was stuck overnight. */
    private static final Duration KEPT = Duration.ofDays(1);

    private static final int PIECE = 1_000;

    private final JdbcClient jdbc;

    IdempotencyKeys(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** An earlier request under the same key. */
    record Earlier(byte[] requestHash, String response) {}

    /**
     * Claims a key for this request. A request with the same key that is still under way is waited for.
     *
     * @return the earlier request if the key is taken; empty if it is ours now
     */
    @Transactional(propagation = Propagation.MANDATORY)
    public Optional<Earlier> claim(String caller, String key, byte[] requestHash, String response) {
        var claimed = jdbc.sql("""
                insert into idempotency_keys (caller, key, request_hash, response)
                values (:caller, :key, :requestHash, :response)
                on conflict do nothing""")
                .param("caller", caller)
                .param("key", key)
                .param("requestHash", requestHash)
                .param("response", response)
                .update();
        if (claimed == 1) {
            return Optional.empty();
        }
        return jdbc.sql("select request_hash, response from idempotency_keys where caller = :caller and key = :key")
                .param("caller", caller)
                .param("key", key)
                .query((row, number) -> new Earlier(row.getBytes("request_hash"), row.getString("response")))
                .optional();
    }

    /** Forgets keys that no client will repeat any more. Every replica does it; doing it twice changes nothing. */
    @Scheduled(fixedDelayString = "PT10M", initialDelayString = "PT1M")
    void forgetOld() {
        int forgotten;
        do {
            // In pieces: however many have gathered, each statement stays far below the role's time-out.
            forgotten = jdbc.sql("""
                    delete from idempotency_keys where (caller, key) in (
                        select caller, key from idempotency_keys
                        where created_at < now() - :kept * interval '1 second' limit :piece)""")
                    .param("kept", KEPT.toSeconds())
                    .param("piece", PIECE)
                    .update();
        } while (forgotten == PIECE);
    }
}
