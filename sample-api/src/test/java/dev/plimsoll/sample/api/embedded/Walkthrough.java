package dev.plimsoll.sample.api.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** `./run local --check`: what a client does, shown request by request, each answer held against what is expected. */
final class Walkthrough {

    private final HttpClient client = HttpClient.newHttpClient();
    private final JsonMapper json = new JsonMapper();
    private final List<String> wrong = new ArrayList<>();
    private final String url;
    private String token = "";

    Walkthrough(String url) {
        this.url = url;
    }

    /** Whether every answer was the expected one. */
    boolean run() throws IOException, InterruptedException {
        expect(401, send("GET", "/api/v1/orders", ""));
        token = mintToken();

        // Five orders make enough of a history for an insight.
        HttpResponse<String> created = null;
        for (var amount : new int[] {1900, 2100, 2000, 1950, 2050}) {
            created = send("POST", "/api/v1/orders", order(amount), "Idempotency-Key", "walk-" + amount);
            expect(201, created);
        }
        var again = send("POST", "/api/v1/orders", order(2050), "Idempotency-Key", "walk-2050");
        expect(201, again);
        expect("the same key gives the first answer", again.body().equals(created.body()));

        var location = created.headers().firstValue("Location").orElse("");
        var read = send("GET", location, "");
        expect(200, read);
        expect("the order reads as it was created", parse(read).equals(parse(created)));

        var page = send("GET", "/api/v1/orders?limit=2", "");
        expect(200, page);
        var next = send(
                "GET",
                "/api/v1/orders?limit=2&after=" + parse(page).path("next").asString(""),
                "");
        expect(200, next);
        expect(
                "the second page is another one",
                !parse(next).path("items").isEmpty()
                        && !parse(next).path("items").equals(parse(page).path("items")));

        var unusual = send("POST", "/api/v1/orders", order(99_000));
        expect(201, unusual);
        var insight = send("GET", unusual.headers().firstValue("Location").orElse("") + "/insight", "");
        expect(200, insight);
        expect(
                "the intelligence service finds 990.00 unusual among 20.00",
                parse(insight).path("score").path("assessment").asString("").equals("unusual"));

        var eTag = read.headers().firstValue("ETag").orElse("");
        expect(200, send("PUT", location, order(2000), "If-Match", eTag));
        expect(412, send("PUT", location, order(2200), "If-Match", eTag));
        expect(400, send("POST", "/api/v1/orders", "{\"customerId\": \"c-1\", \"amount\": -1}"));
        expect(404, send("GET", "/api/v1/orders/00000000-0000-7000-8000-000000000000", ""));

        System.out.println();
        wrong.forEach(text -> System.out.println("WRONG: " + text));
        System.out.println(wrong.isEmpty() ? "All answers are as expected." : wrong.size() + " answers are wrong.");
        return wrong.isEmpty();
    }

    private static String order(int amount) {
        return "{\"customerId\": \"c-1\", \"reference\": \"Two ropes\", \"amount\": %d, \"currency\": \"EUR\"}"
                .formatted(amount);
    }

    /** As a person gets one. */
    private static String mintToken() throws IOException, InterruptedException {
        System.out.println("\n$ ./run token");
        var process = new ProcessBuilder("./run", "token")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String token;
        try (InputStream out = process.getInputStream()) {
            token = new String(out.readAllBytes(), StandardCharsets.US_ASCII).strip();
        }
        if (process.waitFor() != 0) {
            throw new IllegalStateException("./run token failed; its own words are above.");
        }
        System.out.println("(an access token of " + token.length() + " characters)");
        return token;
    }

    private HttpResponse<String> send(String method, String path, String body, String... headers)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(url + path))
                .timeout(Duration.ofSeconds(10))
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (!body.isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        System.out.printf("%n%s %s %s%n", method, path, String.join(": ", headers));
        if (!body.isEmpty()) {
            System.out.println("  " + body);
        }
        var answer = client.send(request.build(), BodyHandlers.ofString());
        System.out.printf(
                "→ %d %s%n",
                answer.statusCode(),
                answer.headers().firstValue("ETag").map(tag -> "ETag: " + tag).orElse(""));
        if (!answer.body().isEmpty()) {
            System.out.println("  " + answer.body());
        }
        return answer;
    }

    private void expect(int status, HttpResponse<String> answer) {
        expect(
                "%s %s: expected %d, found %d"
                        .formatted(answer.request().method(), answer.uri(), status, answer.statusCode()),
                answer.statusCode() == status);
    }

    private void expect(String text, boolean holds) {
        if (!holds) {
            wrong.add(text);
        }
    }

    private JsonNode parse(HttpResponse<String> answer) {
        return json.readTree(answer.body());
    }
}
