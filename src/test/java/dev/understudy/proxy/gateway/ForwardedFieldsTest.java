package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.TestServer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What speaks for a client is believed of trusted proxies, and of nobody else. */
@ParameterizedClass
@MethodSource("lanes")
class ForwardedFieldsTest extends LaneProtocolTable {
  private static final String[] FORGED = {
    "X-Forwarded-Prefix: /evil",
    "x-forwarded-ssl: on",
    "X-FORWARDED-CLIENT-CERT: Subject=admin",
    "X-Forwarded-Prefix: /more",
    "X-Forwarded-: nothing",
    "X-Forwarded-User: root",
    "X-Real-IP: 6.6.6.6",
    "X-real-ip: 6.6.6.7",
    "X-Forwarded-For: 6.6.6.6",
    "Forwarded: for=6.6.6.6",
    "X-Forwarde: stays",
    "X-Real: stays"
  };

  @Test
  void forwarding_fields_of_an_untrusted_client_are_dropped() {
    start(lane);
    client().get("/", FORGED);
    client().request("POST", "/", bytes(3), FORGED).response();
    for (TestServer.Call call : master.calls()) {
      assertThat(call.head())
          .doesNotContain("6.6.6.")
          .doesNotContainIgnoringCase("x-forwarded-prefix")
          .doesNotContainIgnoringCase("x-forwarded-ssl")
          .doesNotContainIgnoringCase("x-forwarded-client-cert")
          .doesNotContainIgnoringCase("x-forwarded-:")
          .doesNotContainIgnoringCase("x-forwarded-user")
          .doesNotContainIgnoringCase("x-real-ip");
      assertThat(call.headers("x-forwarded-for")).containsExactly("127.0.0.1");
      assertThat(call.headers("x-forwarde")).containsExactly("stays");
      assertThat(call.headers("x-real")).containsExactly("stays");
    }
    assertThat(master.calls()).hasSize(2);
  }

  @Test
  void fields_set_by_a_filter_are_forwarded() {
    List<String> filters = new ArrayList<>(List.of("SetRequestHeader=X-Real-IP, 10.0.0.1"));
    if (!lane.express()) {
      filters.add("AddRequestHeader=X-Forwarded-Prefix, /app");
      filters.add("MapRequestHeader=X-Forwarded-For, X-Client");
    }
    start(lane, filters.toArray(String[]::new));
    client().get("/", FORGED);
    TestServer.Call call = master.calls().get(0);
    assertThat(call.headers("x-real-ip")).containsExactly("10.0.0.1");
    assertThat(call.headers("x-forwarded-prefix"))
        .isEqualTo(lane.express() ? List.of() : List.of("/app"));
    assertThat(call.headers("x-client")).isEmpty();
  }

  @Test
  void forwarding_fields_in_trailers_are_dropped() {
    start(lane);
    List<String> trailers = trailersAtTheMaster();
    client()
        .begin("POST", "/", -1)
        .body("abc")
        .end("x-forwarded-prefix: /evil", "x-real-ip: 6.6.6.6", "x-check: 2")
        .response();
    assertThat(trailers).containsExactly("x-check: 2");
  }
}
