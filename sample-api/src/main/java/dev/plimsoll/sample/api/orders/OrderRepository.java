package dev.plimsoll.sample.api.orders;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The table {@code orders}. Every method fails with Spring's {@code DataAccessException} when PostgreSQL is away. */
@Repository
class OrderRepository {

    private final JdbcClient jdbc;

    OrderRepository(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    Optional<Order> find(UUID id) {
        return jdbc.sql("select * from orders where id = :id")
                .param("id", id)
                .query(OrderRepository::order)
                .optional();
    }

    /** At most {@code limit} orders that come after one id; from the first on without it. */
    List<Order> page(int limit, @Nullable UUID after) {
        return jdbc.sql("select * from orders where id > :after order by id limit :limit")
                .param("after", after == null ? new UUID(0, 0) : after)
                .param("limit", limit)
                .query(OrderRepository::order)
                .list();
    }

    void insert(Order order) {
        jdbc.sql("""
                insert into orders (id, customer_id, reference, amount, currency, version, created_at, updated_at)
                values (:id, :customerId, :reference, :amount, :currency, :version, :createdAt, :updatedAt)""")
                .param("id", order.id())
                .param("customerId", order.customerId())
                .param("reference", order.reference())
                .param("amount", order.amount())
                .param("currency", order.currency())
                .param("version", order.version())
                .param("createdAt", order.createdAt().atOffset(ZoneOffset.UTC))
                .param("updatedAt", order.updatedAt().atOffset(ZoneOffset.UTC))
                .update();
    }

    /** The order as changed; empty if there is none with this id whose version meets the condition. */
    Optional<Order> update(UUID id, VersionCondition condition, OrderDraft draft) {
        return jdbc.sql("""
                update orders
                set customer_id = :customerId, reference = :reference, amount = :amount, currency = :currency,
                    version = version + 1, updated_at = now()
                where id = :id and (:any or version = any(:versions))
                returning *""")
                .param("customerId", draft.customerId())
                .param("reference", draft.reference())
                .param("amount", draft.amount())
                .param("currency", draft.currency())
                .param("id", id)
                .param("any", condition.any())
                .param("versions", condition.versions())
                .query(OrderRepository::order)
                .optional();
    }

    /** Whether an order with this id and a version that meets the condition was there and is gone now. */
    boolean delete(UUID id, VersionCondition condition) {
        return jdbc.sql("delete from orders where id = :id and (:any or version = any(:versions))")
                        .param("id", id)
                        .param("any", condition.any())
                        .param("versions", condition.versions())
                        .update()
                > 0;
    }

    private static Order order(ResultSet row, int number) throws SQLException {
        return new Order(
                row.getObject("id", UUID.class),
                row.getString("customer_id"),
                row.getString("reference"),
                row.getLong("amount"),
                row.getString("currency"),
                row.getInt("version"),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                row.getObject("updated_at", OffsetDateTime.class).toInstant());
    }
}
