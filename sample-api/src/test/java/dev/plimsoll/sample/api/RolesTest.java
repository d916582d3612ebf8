package dev.plimsoll.sample.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each role may do its work and nothing else. */
class RolesTest {

    private static final String INSUFFICIENT_PRIVILEGE = "42501";
    private static final String READ_ONLY_TRANSACTION = "25006";

    private static RunningApi api;

    @BeforeAll
    static void start() throws Exception {
        api = RunningApi.shared();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "api          | create table t (a int)",
                "api          | alter table orders add a int",
                "api          | drop table orders",
                "api          | truncate orders",
                "api          | create role r",
                "api          | copy orders to program 'true'",
                "api          | select * from flyway_schema_history",
                "api          | update idempotency_keys set response = ''",
                "intelligence | set default_transaction_read_only = off; delete from orders",
                "intelligence | set default_transaction_read_only = off; update orders set amount = 0",
                "intelligence | select * from idempotency_keys",
                "migrator     | create role r",
                "migrator     | copy orders to program 'true'",
            })
    void isForbidden(String role, String statement) {
        assertThat(stateOf(role, statement)).isEqualTo(INSUFFICIENT_PRIVILEGE);
    }

    @Test
    void theReadingRoleReadsOnly() throws SQLException {
        assertThat(stateOf("intelligence", "delete from orders")).isEqualTo(READ_ONLY_TRANSACTION);
        try (var connection = api.databases.connect("intelligence");
                var statement = connection.createStatement()) {
            assertThat(statement.execute("select count(*) from orders")).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({"api", "intelligence"})
    void aStatementThatTakesTooLongIsEnded(String role) {
        assertThat(stateOf(role, "select pg_sleep(10)")).as("query_canceled").isEqualTo("57014");
    }

    private static String stateOf(String role, String statement) {
        var thrown = new SQLException[1];
        assertThatThrownBy(() -> {
                    try (var connection = api.databases.connect(role);
                            var jdbc = connection.createStatement()) {
                        for (var part : statement.split(";")) {
                            jdbc.execute(part);
                        }
                    }
                })
                .isInstanceOfSatisfying(SQLException.class, e -> thrown[0] = e);
        return thrown[0].getSQLState();
    }
}
