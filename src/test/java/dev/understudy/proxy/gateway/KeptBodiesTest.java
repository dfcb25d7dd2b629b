package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Response;
import dev.understudy.testing.TestClient;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Filters of the Gateway that keep a request's body, so that it can be read again. */
class KeptBodiesTest extends LaneProtocolTable {
  private static final int REQUESTS = 8;

  /** Of an application of its own: it keeps the bodies of a route with that id from then on. */
  @Override
  String[] properties() {
    return new String[] {"spring.application.name=kept-bodies"};
  }

  private static byte[] body(int number) {
    return ("body " + number).getBytes(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @MethodSource("gateway")
  void the_memory_of_a_kept_body_is_freed_without_that_of_what_came_with_it(LaneProtocol lane) {
    start(lane, "Retry=2");
    master.script(call -> call.reply(200, call.text()));
    TestClient client = client();
    for (int i = 0; i < REQUESTS; i++) {
      client.request("POST", "/", body(i));
    }
    for (int i = 0; i < REQUESTS; i++) {
      assertThat(client.response().body()).isEqualTo("body " + i);
    }
  }

  @ParameterizedTest
  @MethodSource("gateway")
  void a_kept_body_of_a_request_with_a_local_response_is_freed_alone_too(LaneProtocol lane) {
    start(lane, "Retry=2", "SetStatus=201", "RedirectTo=302, https://a.test");
    TestClient client = client();
    for (int i = 0; i < REQUESTS; i++) {
      client.request("POST", "/", body(i), "Expect: 100-continue");
      Response response = client.response();
      if (response.status() == 100) {
        response = client.response();
      }
      assertThat(response.status()).isEqualTo(302);
    }
  }

  /** RFC 9110 §10.1.1: nobody has anything to wait for. */
  @ParameterizedTest
  @MethodSource("gateway")
  void an_expectation_without_a_body_is_not_forwarded(LaneProtocol lane) {
    start(lane, "Retry=2");
    master.script(call -> call.reply(200, "done"));
    TestClient client = client();
    assertThat(client.get("/", "Expect: 100-continue").body()).isEqualTo("done");
    client.request("POST", "/", new byte[0], "Expect: 100-continue");
    assertThat(client.response().body()).isEqualTo("done");
    assertThat(master.calls()).hasSize(2).allMatch(call -> call.header("expect") == null);
  }
}
