package dev.plimsoll.sample.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The document that clients are generated from stands in git, so that a change to it is seen in review. */
class OpenApiTest {

    private static final Path COMMITTED = Path.of("openapi.json");

    @Test
    void theCommittedDocumentIsTheOneThatIsServed() throws Exception {
        var json =
                JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
        var document = (ObjectNode) RunningApi.shared().get("/openapi").json();
        // It names the port of this test.
        document.remove("servers");
        var served = json.writeValueAsString(document) + "\n";

        if (Boolean.getBoolean("openapi.write")) {
            Files.writeString(COMMITTED, served);
        }
        assertThat(Files.readString(COMMITTED))
                .as(
                        "openapi.json. If the change is meant: mvn -pl :%s test -Dtest=OpenApiTest -DargLine=-Dopenapi.write=true"
                                .formatted(Path.of("").toAbsolutePath().getFileName()))
                .isEqualTo(served);
        assertThat(document.path("paths").propertyNames())
                .containsExactlyInAnyOrder("/api/v1/orders", "/api/v1/orders/{id}", "/api/v1/orders/{id}/insight");
    }
}
