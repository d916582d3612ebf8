package dev.plimsoll.sample.api.embedded;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.interfaces.RSAPrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.function.Consumer;
import org.springframework.security.converter.RsaKeyConverters;

/** Access tokens for tests, right ones and, through {@link #mint}, all kinds of wrong ones. */
public final class Tokens {

    private final RSAPrivateKey key;

    public Tokens(Path secrets) throws IOException {
        var pem = Files.readAllBytes(secrets.resolve("jwt_private_key"));
        key = RsaKeyConverters.pkcs8().convert(new ByteArrayInputStream(pem));
    }

    /** A token that is right in everything, for a caller with scopes. */
    public String of(String subject, String scope) {
        return mint(JWSAlgorithm.RS256, claims -> claims.subject(subject).claim("scope", scope));
    }

    /** A right token of a caller who may read and write, after a change to its claims. */
    public String mint(JWSAlgorithm algorithm, Consumer<JWTClaimsSet.Builder> change) {
        var claims = new JWTClaimsSet.Builder()
                .issuer("https://issuer.example")
                .audience("orders")
                .subject("tester")
                .claim("scope", "orders:read orders:write")
                .issueTime(Date.from(Instant.now()))
                .expirationTime(Date.from(Instant.now().plus(Duration.ofMinutes(5))));
        change.accept(claims);
        var token = new SignedJWT(new JWSHeader(algorithm), claims.build());
        try {
            token.sign(new RSASSASigner(key));
        } catch (JOSEException e) {
            throw new IllegalStateException("The test's key can sign", e);
        }
        return token.serialize();
    }
}
