package dev.plimsoll.sample.api.security;

import jakarta.servlet.DispatcherType;
import java.util.List;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.security.autoconfigure.actuate.web.servlet.EndpointRequest;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.config.ObjectPostProcessor;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.oauth2.core.OAuth2AuthenticationException;
import org.springframework.security.oauth2.server.resource.web.access.BearerTokenAccessDeniedHandler;
import org.springframework.security.oauth2.server.resource.web.authentication.BearerTokenAuthenticationFilter;
import org.springframework.security.web.AuthenticationEntryPoint;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.AuthenticationEntryPointFailureHandler;
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
        return withoutSession(http.securityMatcher(EndpointRequest.toAnyEndpoint()))
                .authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
                .build();
    }

    /** Spring Security serves metadata of RFC 9728 to everybody; who may call this API knows its issuer already. */
    @Bean
    @Order(2)
    SecurityFilterChain noMetadata(HttpSecurity http) {
        return withoutSession(http.securityMatcher("/.well-known/**"))
                .authorizeHttpRequests(requests -> requests.anyRequest().denyAll())
                .build();
    }

    @Bean
    @Order(3)
    SecurityFilterChain api(
            HttpSecurity http,
            @Qualifier("handlerExceptionResolver") HandlerExceptionResolver problems,
            @Value("${cors-allowed-origins}") List<String> corsAllowedOrigins) {
        var unauthorized = unauthorized(problems);
        var forbidden = new BearerTokenAccessDeniedHandler();
        return withoutSession(http)
                .authorizeHttpRequests(requests -> requests
                        // The answer to an error that was caught outside the controllers.
                        .dispatcherTypeMatchers(DispatcherType.ERROR)
                        .permitAll()
                        .requestMatchers(HttpMethod.GET, "/health", "/ready", "/openapi")
                        .permitAll()
                        .requestMatchers(HttpMethod.HEAD, "/health", "/ready")
                        .permitAll()
                        .requestMatchers(HttpMethod.GET, "/api/**")
                        .hasAuthority("SCOPE_orders:read")
                        .requestMatchers(HttpMethod.HEAD, "/api/**")
                        .hasAuthority("SCOPE_orders:read")
                        .requestMatchers("/api/**")
                        .hasAuthority("SCOPE_orders:write")
                        .anyRequest()
                        .denyAll())
                .oauth2ResourceServer(server -> server.jwt(jwt -> {})
                        .authenticationEntryPoint(unauthorized)
                        .accessDeniedHandler((request, response, e) -> {
                            forbidden.handle(request, response, e);
                            problems.resolveException(request, response, null, e);
                        })
                        .withObjectPostProcessor(withoutRethrow(unauthorized)))
                .cors(cors -> cors.configurationSource(corsSource(corsAllowedOrigins)))
                .build();
    }

    private static HttpSecurity withoutSession(HttpSecurity http) {
        return http.sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .requestCache(cache -> cache.disable())
                .logout(logout -> logout.disable())
                // Tokens come in a header that no browser adds by itself: there is nothing to forge.
                .csrf(csrf -> csrf.disable())
                .headers(headers -> headers.contentSecurityPolicy(
                                policy -> policy.policyDirectives("default-src 'none'; frame-ancestors 'none'"))
                        .referrerPolicy(referrer -> referrer.policy(ReferrerPolicy.NO_REFERRER)));
    }

    /** 401 with the header that RFC 6750 asks for, or 503 if it is not the token that is at fault. */
    private static AuthenticationEntryPoint unauthorized(HandlerExceptionResolver problems) {
        return (request, response, e) -> {
            if (!(e instanceof AuthenticationServiceException)) {
                response.setHeader(
                        HttpHeaders.WWW_AUTHENTICATE,
                        e instanceof OAuth2AuthenticationException refused
                                ? "Bearer error=\"" + refused.getError().getErrorCode() + "\""
                                : "Bearer");
            }
            problems.resolveException(request, response, null, e);
        };
    }

    /** By default the filter throws when the issuer's keys can't be had, and the client would see a 500. */
    private static ObjectPostProcessor<BearerTokenAuthenticationFilter> withoutRethrow(AuthenticationEntryPoint entry) {
        return new ObjectPostProcessor<>() {
            @Override
            public <F extends BearerTokenAuthenticationFilter> F postProcess(F filter) {
                var handler = new AuthenticationEntryPointFailureHandler(entry);
                handler.setRethrowAuthenticationServiceException(false);
                filter.setAuthenticationFailureHandler(handler);
                return filter;
            }
        };
    }

    private static UrlBasedCorsConfigurationSource corsSource(List<String> allowedOrigins) {
        var source = new UrlBasedCorsConfigurationSource();
        var cors = new CorsConfiguration();
        cors.setAllowedOrigins(allowedOrigins);
        cors.setAllowedMethods(List.of("GET", "HEAD", "POST", "PUT", "DELETE"));
        cors.setAllowedHeaders(List.of("Authorization", "Content-Type", "If-Match", "Idempotency-Key", "X-Request-Id"));
        cors.setExposedHeaders(List.of("ETag", "Location", "Retry-After", "X-Request-Id"));
        source.registerCorsConfiguration("/**", cors);
        return source;
    }
}
