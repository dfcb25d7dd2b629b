package dev.understudy.proxy.frontend.http1;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.util.ArrayDeque;
import org.junit.jupiter.api.Test;

/** Whether another request may begin behind those that await their responses. */
class RequestGateTest {
  private final ArrayDeque<HttpMethod> asked = new ArrayDeque<>();
  private final RequestGate gate = new RequestGate(asked);

  private static HttpRequest plain() {
    return new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/");
  }

  private static HttpRequest upgrade() {
    HttpRequest request = plain();
    request
        .headers()
        .set(HttpHeaderNames.CONNECTION, "Upgrade")
        .set(HttpHeaderNames.UPGRADE, "websocket");
    return request;
  }

  @Test
  void is_open_behind_a_request_that_asks_for_no_upgrade() {
    gate.begun(plain());
    assertThat(gate.isShut()).isFalse();
  }

  @Test
  void is_shut_behind_an_undecided_offer_of_an_upgrade_until_all_have_their_responses() {
    gate.begun(upgrade());
    assertThat(gate.isShut()).isTrue();
    assertThat(gate.isShut()).isTrue();
    gate.open();
    assertThat(gate.isShut()).isFalse();
  }

  @Test
  void follows_the_frontends_decision() {
    HttpRequest taken = upgrade();
    gate.begun(taken);
    gate.decided(taken, false);
    assertThat(gate.isShut()).isFalse();
    HttpRequest opens = plain();
    gate.begun(opens);
    gate.decided(opens, true);
    assertThat(gate.isShut()).isTrue();
  }

  @Test
  void a_decision_on_an_earlier_request_stays_in_force_behind_a_later_one() {
    HttpRequest earlier = plain();
    gate.begun(earlier);
    gate.begun(plain());
    gate.decided(earlier, true);
    assertThat(gate.isShut()).isTrue();
  }

  @Test
  void is_shut_while_16_requests_await_their_responses() {
    for (int i = 0; i < 15; i++) {
      gate.begun(plain());
    }
    assertThat(gate.isShut()).isFalse();
    gate.begun(plain());
    assertThat(gate.isShut()).isTrue();
    asked.poll();
    assertThat(gate.isShut()).isFalse();
  }
}
