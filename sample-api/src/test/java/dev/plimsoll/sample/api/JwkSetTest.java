package dev.plimsoll.sample.api;

import static dev.plimsoll.sample.api.RunningApi.ORDERS;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import dev.plimsoll.sample.api.embedded.EmbeddedDatabases;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.springframework.security.converter.RsaKeyConverters;

/** With a real issuer the keys come from its JWK set instead of a file. */
class JwkSetTest {

    @Test
    void tokensAreVerifiedWithTheIssuersKeys() throws Exception {
        var secrets = Path.of(RunningApi.shared().databases.environment().get("SECRETS_DIRECTORY"));
        var key = RsaKeyConverters.x509()
                .convert(new ByteArrayInputStream(Files.readAllBytes(secrets.resolve("jwt_public_key"))));
        var keys = new JWKSet(new RSAKey.Builder(key).build()).toString().getBytes(UTF_8);
        // The file is not needed then.
        try (var issuer = FakeServer.start(exchange -> FakeServer.answer(exchange, keys));
                var api = RunningApi.with("JWT_JWK_SET_URI=" + issuer.url() + "/keys", "jwt_public_key=")) {
            assertThat(api.get(ORDERS).status()).isEqualTo(200);
            assertThat(api.call("GET", ORDERS).token("abc").send().status()).isEqualTo(401);
        }
    }

    @Test
    void withoutTheIssuerTokensCannotBeVerifiedAndTheClientIsNotBlamed() throws Exception {
        try (var api = RunningApi.with("JWT_JWK_SET_URI=http://127.0.0.1:" + EmbeddedDatabases.freePort() + "/keys")) {
            var answer = api.get(ORDERS);
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.header("Retry-After")).isEqualTo("1");
            assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
            assertThat(api.call("GET", "/health").token("").send().status()).isEqualTo(200);
        }
    }
}
