package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** A request's target and {@code Host} reach the server byte for byte, whatever routes match on. */
@ParameterizedClass
@MethodSource("lanes")
class RequestTargetTest extends LaneProtocolTable {

  @Test
  void a_target_is_forwarded_as_it_came() {
    start(two());
    List<String> targets =
        words(
            """
            / // //a//b/ /a/../b /a/./b/.. /../a /%2e%2e/a /a/%2E%2e%2fb /%7Ea~b /%41 /%e4%c3%A4
            /a|{}^`\\<>"[] /%zz /% /a%2 /a;b=1,2;c /a:b@c!$&'()*+,= /a? /a??b /a?b=c&b=c&&=
            /a?b=|{}^`\\<>"[] /a?%zz=% /a?b=%41+%20 /a?../b/./%2e%2e /a?http://x/y /http://x/y
            /%00 /a%0d%0aX:%20y
            """);
    for (String target : targets) {
      assertThat(client().get(target).status()).as(target).isEqualTo(200);
      assertThat(master.calls().getLast().line()).isEqualTo("GET " + target + " HTTP/1.1");
    }
  }

  /** One final dot names no other host, and servers see what routes and guards have seen. */
  @Test
  void a_host_is_forwarded_as_it_came_but_for_one_final_dot() {
    start(two());
    Map<String, String> changed = Map.of("a.test.", "a.test", "a.test.:80", "a.test:80");
    for (String host :
        words(
            """
            Example.TEST example.test:80 example.test:08080 127.0.0.1:1 [::1]:8080 a_b.test
            a.test. a.test.:80
            """)) {
      assertThat(client().get("/", "Host: " + host).status()).as(host).isEqualTo(200);
      assertThat(master.calls().getLast().headers("host"))
          .containsExactly(changed.getOrDefault(host, host));
    }
  }
}
