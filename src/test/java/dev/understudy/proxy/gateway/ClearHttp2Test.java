package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.testing.Http2Client;
import dev.understudy.testing.Response;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** HTTP/2 without TLS is plain HTTP, whatever its requests say, in each lane. */
class ClearHttp2Test extends LaneProtocolTable {
  static Stream<LaneProtocol> clear() {
    return Stream.of(LaneProtocol.EXPRESS_HTTP_2_CLEAR, LaneProtocol.GATEWAY_HTTP_2_CLEAR);
  }

  private Response as(String scheme, String... fields) {
    return ((Http2Client) client())
        .head(Http2Client.headers("GET", "/a?b=c", fields).scheme(scheme), true)
        .response();
  }

  @ParameterizedTest
  @MethodSource("clear")
  void a_request_is_redirected_to_https_even_if_it_calls_itself_https(LaneProtocol lane) {
    start(lane, "RedirectToHttps=301");
    for (String scheme : List.of("http", "https", "HTTPS")) {
      Response response = as(scheme, "X-Forwarded-Proto: https", "Host: www.example.com");
      assertThat(response.status()).as(scheme).isEqualTo(301);
      assertThat(response.header("location")).isEqualTo("https://www.example.com/a?b=c");
    }
    assertThat(master.calls()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("clear")
  void only_a_trusted_proxy_may_say_that_a_request_came_over_tls(LaneProtocol lane) {
    start(lane, two(), TrustedProxies.of(List.of("127.0.0.0/8")), "RedirectToHttps=301");
    assertThat(as("http", "X-Forwarded-Proto: https").status()).isEqualTo(200);
    assertThat(as("https").status()).isEqualTo(301);
  }

  @ParameterizedTest
  @MethodSource("clear")
  void a_server_learns_that_the_request_came_over_http(LaneProtocol lane) {
    start(lane, "StrictTransportSecurity=max-age=1");
    master.script(call -> call.reply(200, call.header("x-forwarded-proto")));
    Response response = as("https", "X-Forwarded-Proto: https");
    assertThat(response.body()).isEqualTo("http");
    assertThat(response.header("strict-transport-security")).isNull();
  }
}
