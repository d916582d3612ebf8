package dev.plimsoll.sample.api.orders;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import java.net.URI;
import java.security.Principal;
import java.util.List;
import java.util.UUID;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

@RestController
@RequestMapping(path = "/api/v1/orders", produces = MediaType.APPLICATION_JSON_VALUE)
@Tag(name = "orders")
class OrderController {

    private final OrderService orders;

    OrderController(OrderService orders) {
        this.orders = orders;
    }

    @GetMapping
    @Operation(summary = "A page of orders, oldest first")
    OrderPage page(
            @RequestParam(defaultValue = "20") @Min(1) @Max(100) int limit,
            @RequestParam(required = false) UUID after) {
        return orders.page(limit, after);
    }

    @GetMapping("/{id}")
    @Operation(summary = "One order, with its version as ETag")
    ResponseEntity<Order> get(@PathVariable UUID id) {
        return answer(HttpStatus.OK, orders.get(id));
    }

    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    @Operation(summary = "Create an order; with an Idempotency-Key, once however often it is sent")
    ResponseEntity<Order> create(
            @RequestBody @Valid OrderDraft draft,
            @RequestHeader(name = "Idempotency-Key", required = false)
                    @Pattern(regexp = "[!-~]{1,128}", message = "must be 1 to 128 visible ASCII characters")
                    String key,
            Principal caller) {
        return answer(HttpStatus.CREATED, orders.create(draft, caller.getName(), key));
    }

    @PutMapping("/{id}")
    @Operation(summary = "Replace an order in the version that If-Match names")
    ResponseEntity<Order> update(
            @PathVariable UUID id,
            @Parameter(required = true, schema = @Schema(type = "string", example = "\"1\""))
                    @RequestHeader(name = HttpHeaders.IF_MATCH, required = false)
                    List<String> ifMatch,
            @RequestBody @Valid OrderDraft draft) {
        return answer(HttpStatus.OK, orders.update(id, condition(ifMatch), draft));
    }

    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    @Operation(summary = "Delete an order in the version that If-Match names")
    void delete(
            @PathVariable UUID id,
            @Parameter(required = true, schema = @Schema(type = "string", example = "\"1\""))
                    @RequestHeader(name = HttpHeaders.IF_MATCH, required = false)
                    List<String> ifMatch) {
        orders.delete(id, condition(ifMatch));
    }

    private static VersionCondition condition(List<String> ifMatch) {
        if (ifMatch == null) {
            throw new ResponseStatusException(
                    HttpStatus.PRECONDITION_REQUIRED,
                    "Send If-Match with the ETag of the version that you have read, so that no change is lost.");
        }
        return VersionCondition.of(ifMatch);
    }

    private static ResponseEntity<Order> answer(HttpStatus status, Order order) {
        var answer = ResponseEntity.status(status).eTag(order.eTag());
        if (status == HttpStatus.CREATED) {
            answer.location(URI.create("/api/v1/orders/" + order.id()));
        }
        return answer.body(order);
    }
}
