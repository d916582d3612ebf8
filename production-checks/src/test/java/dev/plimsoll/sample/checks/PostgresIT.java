package dev.plimsoll.sample.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Who gets into PostgreSQL and what each role may do there, tried. */
@ResourceLock(value = Stack.LOCK, mode = ResourceAccessMode.READ)
class PostgresIT {

    private static final List<String> ROLES = List.of("migrator", "api", "intelligence", "monitoring", "backup");
    /** From outside and, where rules are often laxer, from its own machine. */
    private static final List<String> HOSTS = List.of("postgres", "127.0.0.1");

    private static final String INSERT = "insert into orders (id, customer_id, reference, amount, currency)"
            + " values (gen_random_uuid(), 'check', 'check', 1, 'EUR')";

    private final Service postgres = Stack.up().service("postgres");

    @Test
    void exactlyTheseRolesLogIn() {
        assertThat(superuser("select rolname from pg_roles where rolcanlogin").lines())
                .containsExactlyInAnyOrder("postgres", "migrator", "api", "intelligence", "monitoring", "backup");
        assertThat(superuser("select rolname from pg_roles where rolcanlogin"
                                + " and (rolsuper or rolcreaterole or rolcreatedb or rolbypassrls)")
                        .lines())
                .as("roles that may do more than their tables allow")
                .containsExactly("postgres");
        assertThat(superuser("select rolname from pg_roles where rolreplication")
                        .lines())
                .containsExactlyInAnyOrder("postgres", "backup");
    }

    @Test
    void nobodyComesInWithoutTheRightPassword() {
        for (var role : ROLES) {
            for (var host : HOSTS) {
                assertThat(connect(host, role, password(role), "select current_user"))
                        .as("%s through %s with its password", role, host)
                        .isEqualTo(role);
                assertThat(connect(host, role, "", "select 1"))
                        .as("%s through %s without a password", role, host)
                        .contains("no password supplied");
                assertThat(connect(host, role, "wrong", "select 1"))
                        .as("%s through %s with a wrong password", role, host)
                        .contains("password authentication failed");
            }
        }
    }

    @Test
    void theSuperuserComesInThroughNoNetwork() {
        for (var host : HOSTS) {
            assertThat(connect(host, "postgres", "any", "select 1"))
                    .as("postgres through %s", host)
                    .contains("no pg_hba.conf entry");
        }
    }

    @Test
    void passwordsAreKeptAsScramHashesAndNoRuleIsLaxer() {
        assertThat(superuser("select rolname from pg_authid where rolcanlogin"
                        + " and rolpassword not like 'SCRAM-SHA-256$%'"))
                .as("roles whose password is not kept as SCRAM hash")
                .isEmpty();
        assertThat(superuser("select rolname from pg_authid where rolcanlogin and rolpassword is null"))
                .as("roles without a password, whom no network lets in")
                .isEqualTo("postgres");
        assertThat(superuser("select distinct type || ' ' || auth_method from pg_hba_file_rules")
                        .lines())
                .containsExactlyInAnyOrder("local peer", "host scram-sha-256");
        assertThat(superuser("select error from pg_hba_file_rules where error is not null"))
                .isEmpty();
    }

    @Test
    void theMigratorOwnsTheSchema() {
        assertThat(superuser("select distinct tableowner from pg_tables where schemaname = 'public'"))
                .isEqualTo("migrator");
        assertThat(as("migrator", "begin; create table checked (); rollback;")).endsWith("ROLLBACK");
    }

    @Test
    void theApiReadsAndWritesRowsAndChangesNoSchema() {
        assertThat(as(
                        "api",
                        "begin; " + INSERT + "; update orders set amount = 2 where customer_id = 'check';"
                                + " delete from orders where customer_id = 'check'; rollback"))
                .contains("INSERT 0 1", "UPDATE 1", "DELETE 1");
        for (var statement : List.of(
                "create table x ()",
                "create temporary table x ()",
                "create schema x",
                "create index on orders (amount)",
                "alter table orders add x int",
                "truncate orders",
                "drop table orders",
                "create role x",
                "set role migrator",
                "select rolpassword from pg_authid",
                "copy orders to program 'true'",
                "select pg_read_file('/run/secrets/postgres_backup_password')")) {
            assertRefused("api", statement);
        }
    }

    @Test
    void theIntelligenceServiceReadsOrdersAndWritesNothing() {
        assertThat(as("intelligence", "select count(*) >= 0 from orders")).isEqualTo("t");
        for (var statement : List.of(
                INSERT,
                "update orders set amount = 1",
                "delete from orders",
                "truncate orders",
                "select * from idempotency_keys",
                "create table x ()",
                "create temporary table x ()")) {
            // Its default is a read-only transaction, which it may change: what counts is what it may do then.
            assertRefused("intelligence", "set transaction read write; " + statement);
        }
    }

    @Test
    void monitoringAndBackupReadNoRow() {
        assertThat(as("monitoring", "select count(*) > 0 from pg_stat_activity where query <> ''"))
                .isEqualTo("t");
        assertThat(run("postgres", "backup", password("backup"), "IDENTIFY_SYSTEM", "replication=1"))
                .as("backup speaks the replication protocol")
                .contains("|");
        for (var role : List.of("monitoring", "backup")) {
            assertRefused(role, "select * from public.orders");
            assertRefused(role, "copy public.orders to stdout");
            assertRefused(role, "select * from public.idempotency_keys");
            assertRefused(role, "create table public.x ()");
        }
        for (var role : List.of("migrator", "api", "intelligence", "monitoring")) {
            assertThat(run("postgres", role, password(role), "IDENTIFY_SYSTEM", "replication=1"))
                    .as("replication by %s", role)
                    .contains("no pg_hba.conf entry for replication");
        }
    }

    @Test
    void whatIsWrittenIsSafe() {
        for (var setting : Set.of("data_checksums", "fsync", "full_page_writes", "synchronous_commit")) {
            assertThat(superuser("show " + setting)).as(setting).isEqualTo("on");
        }
    }

    /** Three replicas of each service, the one-shot step, and the roles that have limits of their own. */
    @Test
    void allPoolsTogetherAreSmallerThanMaxConnections() {
        var pool = Integer.parseInt(Stack.up().service("api").environment("POSTGRES_POOL_SIZE"));
        var intelligence = 5;
        var migration = 2;
        var limited = Integer.parseInt(
                superuser("select sum(rolconnlimit) from pg_roles where rolcanlogin and rolconnlimit > 0"));
        var reserved = Integer.parseInt(superuser("show superuser_reserved_connections"));
        assertThat(3 * (pool + intelligence) + migration + limited + reserved)
                .isLessThan(Integer.parseInt(superuser("show max_connections")));
    }

    private void assertRefused(String role, String statement) {
        assertThat(as(role, statement))
                .as("%s: %s", role, statement)
                .containsPattern("permission denied|must be owner");
    }

    private String superuser(String sql) {
        return postgres.exec("psql", "-U", "postgres", "-d", "orders", "-At", "-c", sql)
                .output();
    }

    private String as(String role, String sql) {
        return connect("postgres", role, password(role), sql);
    }

    private String connect(String host, String role, String password, String sql) {
        return run(host, role, password, sql, "dbname=orders");
    }

    /** What psql says, be it an answer or a refusal. */
    private String run(String host, String role, String password, String sql, String database) {
        // The password on standard input: the command line can be read by others.
        var script = "read -r PGPASSWORD; export PGPASSWORD; exec psql -w -At -h \"$1\" -U \"$2\" -d \"$3\" -c \"$4\"";
        return postgres.exec("sh", "-c", script, "sh", host, role, database, sql)
                .saying(password + "\n")
                .result()
                .text();
    }

    private static String password(String role) {
        return Stack.secrets().get("postgres_" + role + "_password");
    }
}
