package dev.plimsoll.sample.api;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;

/** Swagger UI at /swagger-ui.html, for the development stack alone: production is built without this folder. */
@Configuration(proxyBeanMethods = false)
class SwaggerUi {

    @Bean
    @Order(0)
    SecurityFilterChain openSwaggerUi(HttpSecurity http) {
        return http.securityMatcher("/swagger-ui.html", "/swagger-ui/**", "/openapi/swagger-config")
                .authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
                .build();
    }
}
