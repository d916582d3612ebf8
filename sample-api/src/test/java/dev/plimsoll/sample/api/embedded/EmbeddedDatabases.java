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
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
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

    // Until Spring Boot has set the log up, Logback would print everything down to DEBUG.
    static {
        LoggingSystem.get(EmbeddedDatabases.class.getClassLoader()).beforeInitialize();
    }

    private final Path directory;
    private final Path secrets;
    private final int postgresPort;
    private final int redisPort;
    /** In production the superuser has none, and comes by a socket that this library does not use. */
    private final String superuserPassword = UUID.randomUUID().toString();

    private EmbeddedPostgres postgres;
    private RedisServer redis;
    private boolean closed;

    private EmbeddedDatabases(Path directory, Path secrets, int postgresPort, int redisPort) {
        this.directory = directory;
        this.secrets = secrets;
        this.postgresPort = postgresPort;
        this.redisPort = redisPort;
    }

    /** Both with throw-away secrets, started; ended with this JVM if not before. */
    public static EmbeddedDatabases start() throws IOException, SQLException {
        var databases = create(null);
        Runtime.getRuntime().addShutdownHook(new Thread(databases::closeAtExit));
        databases.startAll();
        return databases;
    }

    /**
     * Not yet started, so that the caller can see to their end first.
     *
     * @param secrets the directory of the secrets; null for throw-away ones
     */
    static EmbeddedDatabases create(@Nullable Path secrets) throws IOException {
        var directory = Files.createTempDirectory("databases-");
        if (secrets == null) {
            secrets = Files.createDirectory(directory.resolve("secrets"));
            EmbeddedSecrets.generate(secrets);
        }
        return new EmbeddedDatabases(directory, secrets, freePort(), freePort());
    }

    /** Starts both, with roles, users and schema; leaves nothing running if that fails. */
    synchronized void startAll() throws IOException, SQLException {
        if (closed) {
            return;
        }
        try {
            startRedis();
            startPostgres();
            createRoles();
            ApiApplication.migrate(arguments("--logging.level.root=warn"));
        } catch (IOException | SQLException | RuntimeException e) {
            close();
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

    /** The same as arguments of a Spring application, before others. */
    public String[] arguments(String... more) {
        return Stream.of(
                        environment().entrySet().stream()
                                .map(setting -> "--" + setting.getKey() + "=" + setting.getValue()),
                        Stream.of("--logging.level.io.zonky=warn"),
                        Stream.of(more))
                .flatMap(arguments -> arguments)
                .toArray(String[]::new);
    }

    /** A connection of a role with its password. */
    public Connection connect(String role) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:" + postgresPort + "/orders", role, password(role));
    }

    private String password(String role) {
        return role.equals("postgres") ? superuserPassword : secret("postgres_" + role + "_password");
    }

    /** Starts PostgreSQL with the data it had, if any. */
    public void startPostgres() throws IOException {
        // The library's own rules let everybody in. So do these, until the roles have their passwords.
        if (!Files.exists(accessRules())) {
            Files.writeString(accessRules(), "host all postgres 127.0.0.1/32 trust\n");
        }
        // As root, PostgreSQL runs as another user.
        directory.toFile().setExecutable(true, false);
        accessRules().toFile().setReadable(true, false);
        postgres = EmbeddedPostgres.builder()
                .setPort(postgresPort)
                .setDataDirectory(directory.resolve("postgres"))
                .setCleanDataDirectory(false)
                .setServerConfig("hba_file", accessRules().toString())
                .setConnectConfig("password", password("postgres"))
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
    public synchronized void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            stopPostgres();
        } finally {
            stopRedis();
            FileSystemUtils.deleteRecursively(directory);
        }
    }

    /** For the JVM's end, when nobody is left to throw to. */
    void closeAtExit() {
        try {
            close();
        } catch (IOException e) {
            System.err.println("The databases could not be ended cleanly: " + e.getMessage());
        }
    }

    private Path accessRules() {
        return directory.resolve("pg_hba.conf");
    }

    private void createRoles() throws SQLException, IOException {
        try (var superuser = postgres.getPostgresDatabase().getConnection();
                var statement = superuser.createStatement()) {
            statement.execute("create database orders");
        }
        try (var superuser = postgres.getDatabase("postgres", "orders").getConnection();
                var statement = superuser.createStatement()) {
            ScriptUtils.executeSqlScript(
                    superuser, new FileSystemResource(ROOT.resolve("docker/postgres/initdb.d/10-roles.sql")));
            for (var role : new String[] {"postgres", "migrator", "api", "intelligence"}) {
                statement.execute("alter role %s password '%s'"
                        .formatted(role, password(role).replace("'", "''")));
            }
            Files.writeString(accessRules(), "host all all 127.0.0.1/32 scram-sha-256\n");
            statement.execute("select pg_reload_conf()");
        }
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

    /** A port on which nothing listens now. */
    public static int freePort() throws IOException {
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
