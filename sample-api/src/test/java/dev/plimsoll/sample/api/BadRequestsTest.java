package dev.plimsoll.sample.api;

import static dev.plimsoll.sample.api.RunningApi.ORDERS;
import static dev.plimsoll.sample.api.RunningApi.draft;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.PlainHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import java.io.ByteArrayInputStream;
import java.net.Socket;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a client sends, it gets the right status and a problem, and never learns what the program is made of. */
class BadRequestsTest {

    private static final String SOME_ID = ORDERS + "/00000000-0000-7000-8000-000000000001";
    private static final String INJECTION = "%27%20or%20%271%27=%271";

    private static RunningApi api;

    @BeforeAll
    static void start() throws Exception {
        api = RunningApi.shared();
    }

    static Stream<Arguments> badRequests() {
        return Stream.of(
                bad(
                        "amount as text",
                        400,
                        post("{\"customerId\":\"c\",\"reference\":\"r\",\"amount\":\"12\",\"currency\":\"EUR\"}")),
                bad(
                        "amount with a fraction",
                        400,
                        post("{\"customerId\":\"c\",\"reference\":\"r\",\"amount\":1.5,\"currency\":\"EUR\"}")),
                bad(
                        "amount beyond 64 bits",
                        400,
                        post(
                                "{\"customerId\":\"c\",\"reference\":\"r\",\"amount\":99999999999999999999,\"currency\":\"EUR\"}")),
                bad("amount beyond what JavaScript reads", 400, post(draft("c", 9007199254740992L))),
                bad("negative amount", 400, post(draft("c", -1))),
                bad("no such currency", 400, post(draft("c", 1).replace("EUR", "EUX"))),
                bad("SQL in the currency", 400, post(draft("c", 1).replace("EUR", "EUR' or 1=1 --"))),
                bad("a list instead of an object", 400, post("[]")),
                bad("no body", 400, post("")),
                bad("null", 400, post("null")),
                bad("an unknown field", 400, post(draft("c", 1).replace("{", "{\"id\":1,"))),
                bad("a field twice", 400, post(draft("c", 1).replace("{", "{\"amount\":1,"))),
                bad("cut off", 400, post("{\"customerId\":")),
                bad("text after the object", 400, post(draft("c", 1) + "x")),
                bad("NUL in a text", 400, post(draft("a\\u0000b", 1))),
                bad("half a surrogate pair", 400, post(draft("a\\ud800b", 1))),
                bad("an empty text", 400, post(draft("", 1))),
                bad("too long a text", 400, post(draft("c".repeat(65), 1))),
                bad(
                        "not UTF-8",
                        400,
                        a -> a.call("POST", ORDERS)
                                .body(
                                        BodyPublishers.ofByteArray(
                                                draft("caf\u00e9", 1).getBytes(ISO_8859_1)),
                                        "application/json")),
                bad("huge body", 413, post(draft("c".repeat(100_000), 1))),
                bad(
                        "huge body in chunks",
                        413,
                        a -> a.call("POST", ORDERS)
                                .body(
                                        BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(
                                                draft("c".repeat(100_000), 1).getBytes(UTF_8))),
                                        "application/json")),
                bad("too deep", 400, post("[".repeat(1000))),
                bad(
                        "XML",
                        415,
                        a -> a.call("POST", ORDERS).body(BodyPublishers.ofString("<order/>"), "application/xml")),
                bad(
                        "a form",
                        415,
                        a -> a.call("POST", ORDERS)
                                .body(BodyPublishers.ofString("amount=1"), "application/x-www-form-urlencoded")),
                bad("wants XML", 406, a -> a.call("GET", ORDERS).header("Accept", "application/xml")),
                bad(
                        "too long a key",
                        400,
                        a -> a.call("POST", ORDERS)
                                .header("Idempotency-Key", "k".repeat(129))
                                .body(draft("c", 1))),
                bad("limit as text", 400, get(ORDERS + "?limit=many")),
                bad("limit of 0", 400, get(ORDERS + "?limit=0")),
                bad("limit of 101", 400, get(ORDERS + "?limit=101")),
                bad("limit beyond 32 bits", 400, get(ORDERS + "?limit=99999999999")),
                bad("SQL in limit", 400, get(ORDERS + "?limit=" + INJECTION)),
                bad("SQL in after", 400, get(ORDERS + "?after=" + INJECTION)),
                bad("SQL in the id", 400, get(ORDERS + "/" + INJECTION)),
                bad("SQL in the id of an insight", 400, get(ORDERS + "/" + INJECTION + "/insight")),
                bad(
                        "SQL in If-Match",
                        412,
                        a -> a.call("PUT", a.create("victim", 1).header("Location"))
                                .header("If-Match", "\"1\" or 1=1 --")
                                .body(draft("victim", 2))),
                bad("unknown id", 404, get(SOME_ID)),
                bad("unknown path", 403, get("/nothing")),
                bad("unknown path of the API", 404, get("/api/v2/orders")),
                bad("wrong method", 405, a -> a.call("PATCH", SOME_ID).body("{}")),
                bad("a path that the firewall refuses", 400, get("/api/v1/orders/..;/x")),
                bad("no token", 401, a -> a.call("GET", ORDERS).token("")),
                bad(
                        "no token for an unknown path",
                        401,
                        a -> a.call("GET", "/nothing").token("")),
                bad("not a token", 401, a -> a.call("GET", ORDERS).token("abc")),
                bad(
                        "expired",
                        401,
                        token(claims -> claims.issueTime(Date.from(Instant.now().minusSeconds(120)))
                                .expirationTime(Date.from(Instant.now().minusSeconds(60))))),
                bad(
                        "not valid yet",
                        401,
                        token(claims ->
                                claims.notBeforeTime(Date.from(Instant.now().plusSeconds(600))))),
                bad("without an expiry", 401, token(claims -> claims.expirationTime(null))),
                bad("without a subject", 401, token(claims -> claims.subject(null))),
                bad("other issuer", 401, token(claims -> claims.issuer("https://other.example"))),
                bad("other audience", 401, token(claims -> claims.audience("invoices"))),
                bad(
                        "other algorithm",
                        401,
                        a -> a.call("GET", ORDERS).token(a.tokens.mint(JWSAlgorithm.RS512, claims -> {}))),
                bad(
                        "signed with the public key as if it were a shared one",
                        401,
                        a -> a.call("GET", ORDERS).token(signedWithPublicKey(a))),
                bad("unsigned", 401, a -> a.call("GET", ORDERS).token(unsigned())),
                bad("changed after signing", 401, a -> a.call("GET", ORDERS).token(changed(a))),
                bad(
                        "may only read",
                        403,
                        a -> a.call("POST", ORDERS)
                                .token(a.tokens.of("reader", "orders:read"))
                                .body(draft("c", 1))),
                bad("may only write", 403, a -> a.call("GET", ORDERS).token(a.tokens.of("writer", "orders:write"))),
                bad("without a scope", 403, a -> a.call("GET", ORDERS).token(a.tokens.of("nobody", ""))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badRequests")
    void isAnsweredWithAProblem(String name, int status, Function<RunningApi, RunningApi.Call> request) {
        var answer = request.apply(api).send();

        assertThat(answer.status()).as(answer.response().body()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
        assertThat(answer.json().path("status").asInt()).isEqualTo(status);
        assertThat(answer.json().path("title").asString("")).isNotEmpty();
        assertThat(answer.json().path("instance").asString(""))
                .isEqualTo(answer.response().request().uri().getRawPath());
        assertThat(answer.json().path("requestId").asString("")).isNotEmpty().isEqualTo(answer.header("X-Request-Id"));
        assertThat(answer.response().body()).doesNotContain("Exception", "java", "spring", "jackson", "org.", "\tat ");
    }

    @Test
    void validationNamesEachField() {
        var answer = api.call("POST", ORDERS)
                .body("{\"customerId\":\"\",\"reference\":null,\"amount\":-1,\"currency\":\"euro\"}")
                .send();
        assertThat(answer.json().path("errors").findValuesAsString("field"))
                .containsExactlyInAnyOrder("customerId", "reference", "amount", "currency");
        assertThat(answer.json().path("errors").findValuesAsString("message")).allMatch(text -> text.contains("must"));

        var type = api.call("POST", ORDERS)
                .body(draft("c", 1).replace("1", "1.5"))
                .send()
                .json();
        assertThat(type.path("errors").findValuesAsString("field")).containsExactly("amount");
        var unknown = api.call("POST", ORDERS)
                .body(draft("c", 1).replace("{", "{\"colour\":1,"))
                .send()
                .json();
        assertThat(unknown.path("errors").findValuesAsString("field")).containsExactly("colour");

        var parameter = api.get(ORDERS + "?limit=0").json().path("errors");
        assertThat(parameter.findValuesAsString("field")).containsExactly("limit");
    }

    /** What Tomcat itself refuses, before Spring sees it. */
    @ParameterizedTest
    @MethodSource("unreadable")
    void whatIsNotEvenHttpIsAProblemToo(String request) throws Exception {
        try (var socket = new Socket("127.0.0.1", api.port())) {
            socket.setSoTimeout(5_000);
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            socket.getOutputStream().flush();
            var answer = new String(socket.getInputStream().readAllBytes(), UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 400").contains("application/problem+json", "\"status\":400");
            assertThat(answer).doesNotContain("Tomcat", "html", "Exception", "java");
        }
    }

    static Stream<Named<String>> unreadable() {
        return Stream.of(
                Named.of(
                        "characters that a URL can't have",
                        "GET /api/v1/orders?a=<b>|c HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
                Named.of("no host", "GET /health HTTP/1.1\r\nConnection: close\r\n\r\n"),
                Named.of(
                        "two lengths",
                        "POST /api/v1/orders HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\nConnection: close\r\n\r\nx"));
    }

    private static Arguments bad(String name, int status, Function<RunningApi, RunningApi.Call> request) {
        return Arguments.of(name, status, request);
    }

    private static Function<RunningApi, RunningApi.Call> post(String body) {
        return a -> a.call("POST", ORDERS).body(body);
    }

    private static Function<RunningApi, RunningApi.Call> get(String path) {
        return a -> a.call("GET", path);
    }

    private static Function<RunningApi, RunningApi.Call> token(Consumer<JWTClaimsSet.Builder> change) {
        return a -> a.call("GET", ORDERS).token(a.tokens.mint(JWSAlgorithm.RS256, change));
    }

    private static JWTClaimsSet claims() {
        return new JWTClaimsSet.Builder()
                .issuer("https://issuer.example")
                .audience("orders")
                .subject("intruder")
                .claim("scope", "orders:read orders:write")
                .expirationTime(Date.from(Instant.now().plusSeconds(60)))
                .build();
    }

    private static String unsigned() {
        return new PlainJWT(new PlainHeader(), claims()).serialize();
    }

    private static String signedWithPublicKey(RunningApi a) {
        try {
            var publicKey =
                    Files.readAllBytes(Path.of(a.databases.environment().get("SECRETS_DIRECTORY"), "jwt_public_key"));
            var token = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims());
            token.sign(new MACSigner(publicKey));
            return token.serialize();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static String changed(RunningApi a) {
        var parts = a.tokens.of("reader", "orders:read").split("\\.");
        return parts[0] + "." + unsigned().split("\\.")[1] + "." + parts[2];
    }
}
