package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A request's target and {@code Host} reach the server byte for byte, whatever routes match on. */
@ParameterizedClass
@MethodSource("lanes")
class RequestTargetTest extends LaneProtocolTable {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "//",
        "//a//b/",
        "/a/../b",
        "/a/./b/..",
        "/../a",
        "/%2e%2e/a",
        "/a/%2E%2e%2fb",
        "/%7Ea~b",
        "/%41",
        "/%e4%c3%A4",
        "/a|{}^`\\<>\"[]",
        "/%zz",
        "/%",
        "/a%2",
        "/a;b=1,2;c",
        "/a:b@c!$&'()*+,=",
        "/a?",
        "/a??b",
        "/a?b=c&b=c&&=",
        "/a?b=|{}^`\\<>\"[]",
        "/a?%zz=%",
        "/a?b=%41+%20",
        "/a?../b/./%2e%2e",
        "/a?http://x/y",
        "/http://x/y",
        "/%00",
        "/a%0d%0aX:%20y"
      })
  void a_target_is_forwarded_as_it_came(String target) {
    start(two());
    assertThat(client().get(target).status()).isEqualTo(200);
    assertThat(master.calls().get(0).line()).isEqualTo("GET " + target + " HTTP/1.1");
  }

  /** It names no other host, and servers see what routes and guards have seen. */
  @ParameterizedTest
  @CsvSource({"a.test., a.test", "a.test.:80, a.test:80"})
  void one_final_dot_of_a_host_is_not_forwarded(String host, String forwarded) {
    start(two());
    assertThat(client().get("/", "Host: " + host).status()).isEqualTo(200);
    assertThat(master.calls().get(0).headers("host")).containsExactly(forwarded);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Example.TEST",
        "example.test:80",
        "example.test:08080",
        "127.0.0.1:1",
        "[::1]:8080",
        "a_b.test"
      })
  void a_host_is_forwarded_as_it_came(String host) {
    start(two());
    assertThat(client().get("/", "Host: " + host).status()).isEqualTo(200);
    assertThat(master.calls().get(0).headers("host")).containsExactly(host);
  }
}
