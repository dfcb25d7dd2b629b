package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Response;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code RedirectToHost}: to the same path and query on another host, but never in a circle. */
class RedirectToHostTest extends LaneProtocolTable {

  @ParameterizedTest
  @MethodSource("lanes")
  void path_and_query_are_kept_as_they_came(LaneProtocol lane) {
    start(lane, "StripPrefix=1", "RedirectToHost=308, https://www.example.com");
    for (String target :
        List.of("/", "/a/%7Eb?c=%zz|", "/a//../b;c", "//evil.test/", "/?x=https://evil.test")) {
      Response response = client().get(target, "Host: example.com");
      assertThat(response.status()).isEqualTo(308);
      assertThat(response.headers("location")).containsExactly("https://www.example.com" + target);
      assertThat(response.headers("x-request-id")).hasSize(1);
    }
    Response star = client().request("OPTIONS", "*", "Host: example.com").response();
    assertThat(star.header("location")).isEqualTo("https://www.example.com/");
    assertThat(master.calls()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("lanes")
  void a_request_for_that_host_passes(LaneProtocol lane) {
    String scheme = lane.protocol().isSecure() ? "https" : "http";
    int own = lane.protocol().isSecure() ? 443 : 80;
    start(lane, "RedirectToHost=301, " + scheme + "://www.example.com");
    for (String host :
        List.of(
            "www.example.com", "WWW.Example.COM", "www.example.com.", "www.example.com:" + own)) {
      assertThat(client().get("/", "Host: " + host).status()).as(host).isEqualTo(200);
    }
    for (String host : List.of("example.com", "www.example.com:81", "[::1]")) {
      assertThat(client().get("/", "Host: " + host).status()).as(host).isEqualTo(301);
    }
  }

  @ParameterizedTest
  @MethodSource("plain")
  void another_scheme_or_port_is_elsewhere(LaneProtocol lane) {
    start(
        lane,
        two(),
        TrustedProxies.of(List.of("127.0.0.0/8")),
        "RedirectToHost=301, https://www.example.com:8443");
    String tls = "X-Forwarded-Proto: https";
    assertThat(client().get("/", "Host: www.example.com:8443", tls).status()).isEqualTo(200);
    assertThat(client().get("/", "Host: www.example.com:8443").status()).isEqualTo(301);
    assertThat(client().get("/", "Host: www.example.com", tls).header("location"))
        .isEqualTo("https://www.example.com:8443/");
  }

  @ParameterizedTest
  @MethodSource("http1")
  void absolute_targets_and_http_1_0_clients_are_redirected_too(LaneProtocol lane) {
    start(lane, "RedirectToHost=303, https://www.example.com");
    assertThat(client().get("http://evil.test/a?b", "Host: h").header("location"))
        .isEqualTo("https://www.example.com/a?b");
    RawClient old = raw();
    assertThat(old.send("GET //evil.test HTTP/1.0\r\n\r\n").response().header("location"))
        .isEqualTo("https://www.example.com//evil.test");
  }
}
