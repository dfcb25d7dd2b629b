package dev.understudy.proxy.gateway;

import static dev.understudy.proxy.gateway.LaneApp.everything;
import static dev.understudy.testing.TestRoutes.parts;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.RouteSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who answers a browser that asks whether another origin's page may send a request. */
class PreflightsTest extends ScriptedLaneTable {
  private static final String PREFLIGHT =
      "OPTIONS /x HTTP/1.1\nHost: a\nConnection: close\nOrigin: http://other.test\n"
          + "Access-Control-Request-Method: PUT\n\n";

  @BeforeEach
  void fresh() {
    app.engine.script(
        call ->
            call.respond(
                ScriptedEngine.head(
                    204, "Access-Control-Allow-Methods", call.request.method().name()),
                ""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"PreferServer=sen2", "AddRequestHeader=X-More, 1"})
  void the_application_responds_to_a_preflight(String filter) {
    app.use(List.of(), everything(filter));
    assertThat(exchange(PREFLIGHT))
        .startsWith("HTTP/1.1 204")
        .containsIgnoringCase("access-control-allow-methods: OPTIONS");
    assertThat(last().request.headers().getAll("access-control-request-method"))
        .containsExactly("PUT");
    assertThat(last().request.headers().get("origin")).isEqualTo("http://other.test");
  }

  @Test
  void rules_of_the_gateways_own_are_the_gateways_to_apply() {
    app.use(
        List.of(),
        new RouteSpec(
            "all",
            "pool://sense",
            0,
            parts("Path=/**"),
            List.of(),
            Map.of(
                "cors", Map.of("allowedOrigins", "http://other.test", "allowedMethods", "PUT"))));
    assertThat(exchange(PREFLIGHT))
        .startsWith("HTTP/1.1 200")
        .containsIgnoringCase("access-control-allow-methods: PUT");
    assertThat(app.engine.calls).isEmpty();
  }
}
