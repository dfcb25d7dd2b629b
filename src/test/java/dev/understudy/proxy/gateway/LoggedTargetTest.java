package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import dev.understudy.traffic.RequestOutcome;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is told of a request is what its client sent, whatever a route made of it. */
class LoggedTargetTest extends LaneProtocolTable {

  @ParameterizedTest
  @MethodSource("lanes")
  void a_rewritten_target_is_logged_as_it_came(LaneProtocol lane) {
    start(lane, "StripPrefix=1", "PrefixPath=/app");
    client().get("/api/a/%7Eb?c=%zz", "Host: Example.test:81");
    assertThat(master.calls().get(0).line()).contains(" /app/a/").contains("b?c=%zz ");
    assertThat(seen.outcome().target()).isEqualTo("/api/a/%7Eb?c=%zz");
    assertThat(seen.outcome().host()).isEqualTo("Example.test:81");
  }

  @ParameterizedTest
  @MethodSource("gateway")
  void a_target_that_only_the_gateway_can_rewrite_is_logged_as_it_came(LaneProtocol lane) {
    for (String filter : List.of("SetPath=/other", "RewritePath=/api/(?<rest>.*), /v1/$\\{rest}")) {
      start(lane, filter, "SetRequestHostHeader=inside.test", "AddRequestParameter=x, y");
      client().get("/api//a?b", "Host: example.test");
      assertThat(seen.outcome().target()).as(filter).isEqualTo("/api//a?b");
      assertThat(seen.outcome().host()).as(filter).isEqualTo("example.test");
    }
    assertThat(master.calls().get(0).line()).startsWith("GET /other?");
    assertThat(master.calls().get(1).line()).startsWith("GET /v1/");
    assertThat(master.calls().get(0).headers("host")).containsExactly("inside.test");
  }

  @ParameterizedTest
  @MethodSource("http1")
  void an_absolute_target_is_logged_as_it_came(LaneProtocol lane) {
    start(lane, "StripPrefix=1");
    client().get("http://Other.test:81/api/%41?b", "Host: h");
    assertThat(master.calls().get(0).line()).startsWith("GET /").doesNotContain("api");
    assertThat(seen.outcome().target()).isEqualTo("http://Other.test:81/api/%41?b");
    assertThat(seen.outcome().host()).isEqualTo("Other.test:81");
  }

  @ParameterizedTest
  @MethodSource("lanes")
  void targets_of_requests_with_local_responses_are_logged_as_they_came(LaneProtocol lane) {
    start(lane, "PrefixPath=/app", "RequireWebSocketUpgrade=/websocket", "StripPrefix=1");
    List<String> expected = new ArrayList<>(List.of("/x/../websocket?a"));
    client().get("/x/../websocket?a", "X-Request-Id: logged");
    if (!lane.isHttp2()) {
      client().get("http://other.test/websocket", "X-Request-Id: logged");
      RawClient bad = raw();
      bad.send(
          "GET http://o.test/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n"
              + "X-Request-Id: logged\r\n\r\n");
      assertThat(bad.response().status()).isEqualTo(400);
      expected.addAll(List.of("http://other.test/websocket", "http://o.test/x"));
    }
    Await.until("all are told of", () -> logged().size() == expected.size());
    assertThat(logged()).containsExactlyInAnyOrderElementsOf(expected);
  }

  private List<String> logged() {
    return localOutcomes().stream()
        .filter(each -> each.requestId().equals("logged"))
        .map(RequestOutcome::target)
        .toList();
  }
}
