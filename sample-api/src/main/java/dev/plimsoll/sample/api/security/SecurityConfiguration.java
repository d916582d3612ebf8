package dev.plimsoll.sample.api.security;

import jakarta.servlet.DispatcherType;
import java.util.List;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.security.autoconfigure.actuate.web.servlet.EndpointRequest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpMethod;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.oauth2.server.resource.web.BearerTokenAuthenticationEntryPoint;
import org.springframework.security.oauth2.server.resource.web.access.BearerTokenAccessDeniedHandler;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.UrlBasedCorsConfigurationSource;
import org.springframework.web.servlet.HandlerExceptionResolver;

/** Who may call what. Whatever is not named is refused. */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {

    /** Health and metrics on the management port, which is never published: who reaches it may read them. */
    @Bean
    @Order(1)
    SecurityFilterChain management(HttpSecurity http) {
        return http.securityMatcher(EndpointRequest.toAnyEndpoint())
                .authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
                .csrf(csrf -> csrf.disable())
                .build();
    }

    /** Spring Security serves metadata of RFC 9728 to everybody; who may call this API knows its issuer already. */
    @Bean
    @Order(2)
    SecurityFilterChain noMetadata(HttpSecurity http) {
        return http.securityMatcher("/.well-known/**")
                .authorizeHttpRequests(requests -> requests.anyRequest().denyAll())
                .build();
    }

    @Bean
    @Order(3)
    SecurityFilterChain api(
            HttpSecurity http,
            @Qualifier("handlerExceptionResolver") HandlerExceptionResolver problems,
            @Value("${cors-allowed-origins}") List<String> corsAllowedOrigins) {
        var unauthorized = new BearerTokenAuthenticationEntryPoint();
        unauthorized.setResourceMetadataParameterResolver(request -> null);
        var forbidden = new BearerTokenAccessDeniedHandler();
        return http.authorizeHttpRequests(requests -> requests
                        // The answer to an error that was caught outside the controllers.
                        .dispatcherTypeMatchers(DispatcherType.ERROR)
                        .permitAll()
                        .requestMatchers(HttpMethod.GET, "/health", "/ready", "/openapi")
                        .permitAll()
                        .requestMatchers(HttpMethod.GET, "/api/**")
                        .hasAuthority("SCOPE_orders:read")
                        .requestMatchers("/api/**")
                        .hasAuthority("SCOPE_orders:write")
                        .anyRequest()
                        .denyAll())
                .oauth2ResourceServer(server -> server.jwt(jwt -> {})
                        .authenticationEntryPoint((request, response, e) -> {
                            unauthorized.commence(request, response, e);
                            problems.resolveException(request, response, null, e);
                        })
                        .accessDeniedHandler((request, response, e) -> {
                            forbidden.handle(request, response, e);
                            problems.resolveException(request, response, null, e);
                        }))
                // Tokens come in a header that no browser adds by itself: there is nothing to forge and no session.
                .csrf(csrf -> csrf.disable())
                .sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .requestCache(cache -> cache.disable())
                .logout(logout -> logout.disable())
                .cors(cors -> cors.configurationSource(corsSource(corsAllowedOrigins)))
                .headers(headers -> headers.contentSecurityPolicy(
                                policy -> policy.policyDirectives("default-src 'none'; frame-ancestors 'none'"))
                        .referrerPolicy(referrer -> referrer.policy(ReferrerPolicy.NO_REFERRER)))
                .build();
    }

    private static UrlBasedCorsConfigurationSource corsSource(List<String> allowedOrigins) {
        var source = new UrlBasedCorsConfigurationSource();
        var cors = new CorsConfiguration();
        cors.setAllowedOrigins(allowedOrigins);
        cors.setAllowedMethods(List.of("GET", "POST", "PUT", "DELETE"));
        cors.setAllowedHeaders(List.of("Authorization", "Content-Type", "If-Match", "Idempotency-Key", "X-Request-Id"));
        cors.setExposedHeaders(List.of("ETag", "Location", "Retry-After", "X-Request-Id"));
        source.registerCorsConfiguration("/**", cors);
        return source;
    }
}
