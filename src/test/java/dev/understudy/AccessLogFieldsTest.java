package dev.understudy;

import static dev.understudy.LanesProxy.LANES;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.guard.GuardRegistry;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.TestClient;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Further fields of the access log, the same in both lanes and all protocols. */
class AccessLogFieldsTest {
  private static LanesProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    proxy =
        new LanesProxy(
            folder,
            Map.of("server", "[ ]", "local", "[ 'Respond=200, x' ]"),
            new GuardRegistry(),
            "understudy.access-log=plain",
            "understudy.access-log-fields={listener},{tls.version},{header.X-Tenant},{response.header.X-Cache}");
    proxy.server.script(
        call -> call.write("HTTP/1.1 200 OK\r\nX-Cache: HIT \"1\"\r\nContent-Length: 1\r\n\r\nx"));
  }

  @AfterAll
  static void stop() {
    proxy.close();
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void a_line_ends_with_them(Protocol protocol) {
    for (String lane : LANES) {
      String target = lane + "server?" + protocol;
      try (TestClient client = proxy.connect(protocol)) {
        assertThat(client.get(target, "Host: a", "X-Tenant: one").status()).isEqualTo(200);
      }
      assertThat(proxy.logged(target))
          .contains(
              protocol.isSecure()
                  ? " listener=\"main\" tls.version=\"TLSv1.3\" header"
                  : " listener=\"http\" tls.version=- header")
          .endsWith(" header.X-Tenant=\"one\" response.header.X-Cache=\"HIT \\\"1\\\"\"");
    }
  }

  @Test
  void an_absent_value_is_a_dash_and_a_local_response_has_the_requests() {
    for (String lane : LANES) {
      try (TestClient client = proxy.connect(Protocol.HTTP_1_1)) {
        client.get(lane + "server?none", "Host: a");
        client.get(lane + "local?local", "Host: a", "X-Tenant: two");
      }
      assertThat(proxy.logged(lane + "server?none"))
          .endsWith(" header.X-Tenant=- response.header.X-Cache=\"HIT \\\"1\\\"\"");
      assertThat(proxy.logged(lane + "local?local"))
          .endsWith(" header.X-Tenant=\"two\" response.header.X-Cache=-");
    }
  }
}
