package dev.plimsoll.sample.api.embedded;

import dev.plimsoll.sample.api.ApiApplication;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.core.io.FileSystemResource;
import org.springframework.jdbc.datasource.init.ScriptUtils;
import org.springframework.util.FileSystemUtils;
import redis.embedded.RedisServer;

/**
 * PostgreSQL and Redis as processes of this machine, on free ports of loopback, with the roles, users and schema of
 * production. Their data is gone when they are closed.
 */
public final class EmbeddedDatabases implements AutoCloseable {

    /** The project's folder: `./run` works there, Maven and editors in that of the module. */
    private static final Path ROOT = Path.of(Files.isDirectory(Path.of("docker")) ? "." : "..");

    private final Path directory;
    private final Path secrets;
    private final int postgresPort;
    private final int redisPort;
    private EmbeddedPostgres postgres;
    private RedisServer redis;

    private EmbeddedDatabases(Path directory, Path secrets, int postgresPort, int redisPort) {
        this.directory = directory;
        this.secrets = secrets;
        this.postgresPort = postgresPort;
        this.redisPort = redisPort;
    }

    /** Starts both with throw-away secrets. */
    public static EmbeddedDatabases start() throws IOException, SQLException {
        var directory = Files.createTempDirectory("databases-");
        var secrets = Files.createDirectory(directory.resolve("secrets"));
        EmbeddedSecrets.generate(secrets);
        return start(directory, secrets);
    }

    /** Starts both with the secrets in a directory. */
    public static EmbeddedDatabases start(Path secrets) throws IOException, SQLException {
        return start(Files.createTempDirectory("databases-"), secrets);
    }

    // Until Spring Boot has set the log up, Logback would print everything down to DEBUG.
    static {
        LoggingSystem.get(EmbeddedDatabases.class.getClassLoader()).beforeInitialize();
    }

    private static EmbeddedDatabases start(Path directory, Path secrets) throws IOException, SQLException {
        var databases = new EmbeddedDatabases(directory, secrets, freePort(), freePort());
        try {
            databases.startRedis();
            databases.startPostgres();
            databases.createRoles();
            databases.migrate();
            return databases;
        } catch (IOException | SQLException | RuntimeException e) {
            databases.close();
            throw e;
        }
    }

    /** The settings with which both services find the databases. */
    public Map<String, String> environment() {
        var environment = new LinkedHashMap<String, String>();
        environment.put("POSTGRES_HOST", "127.0.0.1");
        environment.put("POSTGRES_PORT", String.valueOf(postgresPort));
        environment.put("POSTGRES_DB", "orders");
        environment.put("REDIS_HOST", "127.0.0.1");
        environment.put("REDIS_PORT", String.valueOf(redisPort));
        environment.put("SECRETS_DIRECTORY", secrets.toAbsolutePath().toString());
        return environment;
    }

    /** The same as arguments of a Spring application. */
    public String[] arguments() {
        return Stream.concat(
                        environment().entrySet().stream()
                                .map(setting -> "--" + setting.getKey() + "=" + setting.getValue()),
                        Stream.of("--logging.level.io.zonky=warn"))
                .toArray(String[]::new);
    }

    /** A connection of PostgreSQL's superuser, or of a role with its own password. */
    public Connection connect(String role) throws SQLException {
        var password = role.equals("postgres") ? "" : secret("postgres_" + role + "_password");
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + postgresPort + "/orders", role, password);
    }

    /** Starts PostgreSQL with the data it had, if any. */
    public void startPostgres() throws IOException {
        // The library's own pg_hba.conf lets everybody in; this one asks for the passwords as production does.
        var access = Files.writeString(directory.resolve("pg_hba.conf"), """
                host all postgres 127.0.0.1/32 trust
                host all all      127.0.0.1/32 scram-sha-256
                """);
        access.toFile().setReadable(true, false);
        directory.toFile().setExecutable(true, false);
        postgres = EmbeddedPostgres.builder()
                .setPort(postgresPort)
                .setDataDirectory(directory.resolve("postgres"))
                .setCleanDataDirectory(false)
                .setServerConfig("hba_file", access.toString())
                .setServerConfig("max_connections", "100")
                .setRegisterShutdownHook(false)
                .start();
    }

    /** Stops PostgreSQL as an administrator would: sessions are ended, data is kept. */
    public void stopPostgres() throws IOException {
        if (postgres != null) {
            postgres.close();
            postgres = null;
        }
    }

    /** Starts an empty Redis. */
    public void startRedis() throws IOException {
        var server = RedisServer.newRedisServer()
                .port(redisPort)
                .bind("127.0.0.1")
                .setting("save \"\"")
                .setting("appendonly no");
        for (var line : Files.readAllLines(ROOT.resolve("docker/redis/users.acl"))) {
            server.setting(withPassword(line));
        }
        redis = server.build();
        redis.start();
    }

    /** Stops Redis; what it held is gone. */
    public void stopRedis() throws IOException {
        if (redis != null) {
            redis.stop();
            redis = null;
        }
    }

    @Override
    public void close() throws IOException {
        try {
            stopPostgres();
        } finally {
            stopRedis();
            FileSystemUtils.deleteRecursively(directory);
        }
    }

    private void createRoles() throws SQLException, IOException {
        try (var connection = postgres.getPostgresDatabase().getConnection();
                var statement = connection.createStatement()) {
            statement.execute("create database orders");
        }
        try (var connection = connect("postgres");
                var statement = connection.createStatement()) {
            ScriptUtils.executeSqlScript(
                    connection, new FileSystemResource(ROOT.resolve("docker/postgres/initdb.d/10-roles.sql")));
            for (var role : new String[] {"migrator", "api", "intelligence"}) {
                // Generated by us, hexadecimal or checked as such: nothing to quote.
                statement.execute("alter role %s password '%s'"
                        .formatted(
                                role, secret("postgres_" + role + "_password").replace("'", "''")));
            }
        }
    }

    private void migrate() {
        ApiApplication.migrate(Stream.concat(Stream.of(arguments()), Stream.of("--logging.level.root=warn"))
                .toArray(String[]::new));
    }

    /** {@code user api on …} gets the password of its secret; {@code user default off} has none. */
    private String withPassword(String line) {
        var words = line.split(" ", 3);
        var secretFile = secrets.resolve("redis_" + words[1] + "_password");
        return Files.exists(secretFile)
                ? line + " >" + secret(secretFile.getFileName().toString())
                : line;
    }

    private String secret(String name) {
        try {
            return Files.readString(secrets.resolve(name)).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("Expected the secret " + name + ". `./run secrets` makes it.", e);
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** What both services need to know, in one line of JSON. */
    String toJson() {
        return environment().entrySet().stream()
                .map(setting -> "\"%s\":\"%s\"".formatted(setting.getKey(), setting.getValue()))
                .collect(Collectors.joining(",", "{", "}"));
    }
}
