package dev.plimsoll.sample.api.orders;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Orders can be read: PostgreSQL answers, the schema is migrated, and this role may use it. */
@Component
class OrdersHealthIndicator implements HealthIndicator {

    private final JdbcClient jdbc;

    OrdersHealthIndicator(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @Override
    public Health health() {
        try {
            jdbc.sql("select id from orders limit 1").query().listOfRows();
            return Health.up().build();
        } catch (DataAccessException e) {
            return Health.down(e).build();
        }
    }
}
