package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.traffic.RequestEnd;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** With {@code understudy.client.refuse-ambiguous-paths}; without it see the tables of targets. */
@ParameterizedClass
@MethodSource("lanes")
class AmbiguousPathsTest extends LaneProtocolTable {
  @Override
  String[] properties() {
    return new String[] {"understudy.client.refuse-ambiguous-paths=true"};
  }

  @Test
  void ambiguous_paths_are_refused() {
    start(lane);
    for (String path :
        words(
            """
            // //admin/x /a//b /a// /public/..;/admin/x /public/..;a=b/admin/x /public/.;/admin
            /public/..%3b/admin /public/%2e%2e;/admin /..; /;a/admin /../admin /public/../admin
            /./admin /admin/. /admin/.. /.. /%2e%2e/admin /.%2E/admin /%2e/admin?x /public%2fadmin
            /public/..%2Fadmin /public%2F /public\\..\\admin /public%5cadmin /public/..%5C
            /admin%00 /a;x%2fy /a;x/..?b
            """)) {
      assertThat(client().get(path).status()).as(path).isEqualTo(400);
    }
    if (!lane.isHttp2()) {
      assertThat(client().get("http://h//admin").status()).isEqualTo(400);
      isToldAsBad("http://h//admin");
    }
    isToldAsBad("/public/..;/admin/x");
    assertThat(master.calls()).isEmpty();
  }

  private void isToldAsBad(String target) {
    Await.until(
        "it is told of",
        () ->
            localOutcomes().stream()
                .anyMatch(o -> o.target().equals(target) && o.end() == RequestEnd.BAD_REQUEST));
  }

  @Test
  void unambiguous_paths_are_forwarded_as_they_came() {
    start(lane);
    List<String> targets =
        words(
            """
            / /? /a/ /a.b/..c/.d/e../f. /.../x /.well-known/x /a%2eb /%7Ea%20b%25c /%zz/%/%2
            /a;jsessionid=1 /;jsessionid=1 /a;b=..;c/d /a?b=//../..;/%2f\\%00 /a?/../b
            """);
    for (String target : targets) {
      assertThat(client().get(target).status()).as(target).isEqualTo(200);
    }
    assertThat(master.calls().stream().map(call -> call.line().split(" ")[1]).toList())
        .isEqualTo(targets);
    assertThat(client().request("OPTIONS", "*").response().status()).isEqualTo(200);
  }
}
