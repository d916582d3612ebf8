package dev.plimsoll.sample.api;

import dev.plimsoll.sample.api.startup.StartupChecks;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.flyway.autoconfigure.FlywayAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Configuration;

/**
 * The API service. Two commands in one jar: without an argument it serves; {@code migrate} brings the
 * schema to the newest version, as the role that owns it, and ends.
 */
@SpringBootApplication
public class ApiApplication {

    /**
     * @param args nothing, or {@code migrate}; Spring's own {@code --name=value} may follow
     */
    static void main(String[] args) {
        if (args.length > 0 && args[0].equals("migrate")) {
            migrate(args);
        } else {
            service().run(args);
        }
    }

    /** Brings the schema to the newest version and returns; fails if that can't be done. */
    public static void migrate(String... args) {
        migration().run(args).close();
    }

    /** The service, not yet running. */
    public static SpringApplication service() {
        var application = new SpringApplication(ApiApplication.class);
        application.addInitializers(context -> {
            StartupChecks.separatePorts(context.getEnvironment());
            StartupChecks.secrets(context.getEnvironment(), "postgres_api_password", "redis_api_password");
            if (context.getEnvironment().getProperty("jwt.jwk-set-uri", "").isEmpty()) {
                StartupChecks.secrets(context.getEnvironment(), "jwt_public_key");
            }
        });
        return application;
    }

    private static SpringApplication migration() {
        var application = new SpringApplication(Migration.class);
        application.setAdditionalProfiles("migrate");
        application.setWebApplicationType(WebApplicationType.NONE);
        application.addInitializers(
                context -> StartupChecks.secrets(context.getEnvironment(), "postgres_migrator_password"));
        return application;
    }

    /** Only what a migration needs: it must not ask for the secrets of the service. */
    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({DataSourceAutoConfiguration.class, FlywayAutoConfiguration.class})
    static class Migration {}
}
