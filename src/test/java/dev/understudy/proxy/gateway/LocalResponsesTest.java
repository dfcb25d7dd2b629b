package dev.understudy.proxy.gateway;

import static dev.understudy.proxy.gateway.LaneApp.everything;
import static dev.understudy.testing.TestRoutes.route;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.LogCapture;
import dev.understudy.testing.RawClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** What clients see when the Gateway, and not the engine, has nothing good to say. */
@ResourceLock("log of LocalResponses")
class LocalResponsesTest extends ScriptedLaneTable {

  @Test
  void no_route_is_404_as_a_problem_or_as_a_page() {
    app.use(List.of(), route("r", "pool://sense", "Path=/r"));
    assertThat(get("/x"))
        .startsWith("HTTP/1.1 404")
        .containsIgnoringCase("content-type: application/problem+json")
        .containsIgnoringCase("x-request-id: ")
        .contains(
            "{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,\"requestId\":\"");
    assertThat(get("/x", "Accept: text/html,*/*;q=0.8"))
        .containsIgnoringCase("content-type: text/html")
        .contains("<h1>This page does not exist</h1>")
        .doesNotContain("Whitelabel");
  }

  @Test
  void a_filter_that_fails_is_500_without_a_word_of_why() {
    app.use(List.of(), everything("Broken"));
    assertThat(get("/x")).startsWith("HTTP/1.1 500").doesNotContain("secret", "Exception", "java");
  }

  @Test
  void a_filter_that_fails_for_every_request_does_not_flood_the_log() {
    app.use(List.of(), everything("Broken"));
    try (LogCapture log = LogCapture.of(LocalResponses.class)) {
      for (int i = 0; i < 5; i++) {
        assertThat(get("/x")).startsWith("HTTP/1.1 500");
      }
      assertThat(log.events()).hasSizeLessThan(5);
    }
  }

  @Test
  void a_route_to_a_plain_address_that_refuses_is_502() throws IOException {
    try (Socket deaf = new Socket()) {
      // Whose port nobody else can have meanwhile.
      deaf.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      app.use(List.of(), route("plain", "http://127.0.0.1:" + deaf.getLocalPort(), "Path=/**"));
      assertThat(get("/x")).startsWith("HTTP/1.1 502");
    }
    Await.until(
        "its outcome is told",
        () ->
            app.ended.outcomes.stream()
                .anyMatch(
                    o -> o.route() != null && o.route().id().equals("plain") && o.status() == 502));
  }

  @Test
  void the_management_port_has_no_part_in_the_lane() {
    assertThat(RawClient.get(app.managementPort(), "/actuator/health/liveness"))
        .startsWith("HTTP/1.1 200")
        .contains("UP");
    assertThat(app.ended.outcomes).noneMatch(o -> o.target().startsWith("/actuator"));
  }

  @Test
  void nothing_else_measures_requests() {
    get("/x");
    assertThat(RawClient.get(app.managementPort(), "/actuator/prometheus"))
        .startsWith("HTTP/1.1 200")
        .contains("jvm_")
        .doesNotContain("http_server_requests", "spring_cloud_gateway", "reactor_netty");
  }
}
