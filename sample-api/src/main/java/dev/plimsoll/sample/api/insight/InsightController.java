package dev.plimsoll.sample.api.insight;

import dev.plimsoll.sample.api.orders.OrderService;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.UUID;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "insight")
class InsightController {

    private final OrderService orders;
    private final InsightClient client;

    InsightController(OrderService orders, InsightClient client) {
        this.orders = orders;
        this.client = client;
    }

    @GetMapping(path = "/api/v1/orders/{id}/insight", produces = MediaType.APPLICATION_JSON_VALUE)
    @Operation(summary = "How usual an order is for its customer; answers within a second, with or without a score")
    Insight insight(@PathVariable UUID id) {
        return client.ask(orders.get(id));
    }
}
