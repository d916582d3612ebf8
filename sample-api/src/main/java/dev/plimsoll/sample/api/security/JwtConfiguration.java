package dev.plimsoll.sample.api.security;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayInputStream;
import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.converter.RsaKeyConverters;
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.JwtAudienceValidator;
import org.springframework.security.oauth2.jwt.JwtClaimNames;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtIssuerValidator;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;
import org.springframework.web.client.RestTemplate;

/** Which tokens are ours: signed with RS256 by the one issuer, meant for this API, and not expired. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(JwtConfiguration.Jwt.class)
class JwtConfiguration {

    /**
     * @param issuer    the claim {@code iss} of every token
     * @param audience  one of the values of the claim {@code aud}
     * @param jwkSetUri where the issuer publishes its keys; empty if {@code publicKey} is used
     * @param publicKey the issuer's RSA key as PEM; used if there is no {@code jwkSetUri}
     */
    @ConfigurationProperties("jwt")
    record Jwt(String issuer, String audience, String jwkSetUri, String publicKey) {}

    @Bean
    JwtDecoder jwtDecoder(Jwt jwt, HttpClientSettings settings) {
        // One algorithm, named here: what a token's own header asks for is never believed.
        var decoder = jwt.jwkSetUri().isEmpty()
                ? NimbusJwtDecoder.withPublicKey(RsaKeyConverters.x509()
                                .convert(
                                        new ByteArrayInputStream(jwt.publicKey().getBytes(US_ASCII))))
                        .signatureAlgorithm(SignatureAlgorithm.RS256)
                        .build()
                : NimbusJwtDecoder.withJwkSetUri(jwt.jwkSetUri())
                        // With the time-outs of every other call that this service makes.
                        .restOperations(new RestTemplate(
                                ClientHttpRequestFactoryBuilder.jdk().build(settings)))
                        .jwsAlgorithm(SignatureAlgorithm.RS256)
                        .build();
        var timestamps = new JwtTimestampValidator(Duration.ofSeconds(30));
        timestamps.setAllowEmptyExpiryClaim(false);
        decoder.setJwtValidator(new DelegatingOAuth2TokenValidator<>(
                timestamps,
                new JwtIssuerValidator(jwt.issuer()),
                new JwtAudienceValidator(jwt.audience()),
                new JwtClaimValidator<String>(JwtClaimNames.SUB, subject -> !subject.isBlank())));
        return decoder;
    }
}
