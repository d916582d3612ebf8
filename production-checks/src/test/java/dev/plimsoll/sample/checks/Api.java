package dev.plimsoll.sample.checks;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A client of the API at the address where it is published. */
final class Api {

    private static final String ORDERS = "/api/v1/orders";
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    /** A status, 0 if there was no answer, and what came with it. */
    record Answer(int status, String text) {

        JsonNode json() {
            return JsonMapper.shared().readTree(text);
        }
    }

    private final String url;
    private final String token;

    /** The caller's name decides whose idempotency keys and which rate limit it has. */
    Api(Stack stack, String caller) {
        var port = stack.service("api").config().path("ports").path(0);
        var address = port.path("host_ip").asString("0.0.0.0");
        url = "http://%s:%s"
                .formatted(
                        address.equals("0.0.0.0") ? "127.0.0.1" : address,
                        port.path("published").asString());
        token = Stack.task("token", "--subject", caller).output();
    }

    Answer get(String path) {
        return send(request(path).GET());
    }

    /** Creates an order of a customer; the reference is its idempotency key as well. */
    Answer create(String customer, String reference) {
        var order = "{\"customerId\":\"%s\",\"reference\":\"%s\",\"amount\":100,\"currency\":\"EUR\"}"
                .formatted(customer, reference);
        return send(request(ORDERS)
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", reference)
                .POST(BodyPublishers.ofString(order)));
    }

    Answer order(String id) {
        return get(ORDERS + "/" + id);
    }

    Answer insight(String id) {
        return get(ORDERS + "/" + id + "/insight");
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url + path))
                .header("Authorization", "Bearer " + token)
                .timeout(Duration.ofSeconds(5));
    }

    private static Answer send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response = CLIENT.send(request.build(), BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.body());
        } catch (IOException e) {
            return new Answer(0, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("Interrupted during a request", e);
        }
    }
}
