package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.TimeoutSettings;
import dev.understudy.proxy.http.TimeLimits;
import dev.understudy.testing.Protocol;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code Timeout}: how long a request and its attempts may take. */
class TimeoutTest {
  @AutoClose private static TestProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    proxy =
        new TestProxy(
            folder,
            TestProxy.POOLS
                + """
                  down:
                    servers: { a: { url: "http://127.0.0.1:1" } }
                    health: { type: tcp }
                    hold: { time: 1h }
                """
                + "routes:\n"
                + TestProxy.named(
                    """
                    request: [ 'Timeout=200ms' ]
                    attempt: [ { name: Timeout, args: { attempt: 200ms } } ]
                    both: [ 'Timeout=1h, 200ms' ]
                    last: [ 'Timeout=1h', 'Timeout=200ms when any' ]
                    held: [ 'UsePool=down', 'Timeout=200ms' ]
                    """),
            TestProxy.tls(folder));
    proxy.requireLanesAsNamed();
  }

  private static Response get(String target, Protocol protocol) {
    try (TestClient client = proxy.connect(protocol)) {
      return client.get(target, "Host: a.test");
    }
  }

  @EachWay
  void a_server_that_is_late_is_a_504(String lane, Protocol protocol) throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    proxy.server.script(call -> over.await());
    for (String route : new String[] {"request", "attempt", "both", "last"}) {
      assertThat(get(lane + route, protocol).status()).as(route).isEqualTo(504);
    }
    over.countDown();
  }

  @EachWay
  void a_request_that_waits_for_a_server_is_a_504(String lane, Protocol protocol) {
    assertThat(get(lane + "held", protocol).status()).isEqualTo(504);
  }

  @EachWay
  void an_attempt_ends_with_its_response(String lane, Protocol protocol) throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    proxy.server.script(
        call -> {
          call.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
          over.await();
        });
    Response response = get(lane + "attempt", protocol);
    over.countDown();
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.reset()).isTrue();
  }

  /** The rest comes when another request, which began later, has been given up. */
  @EachWay
  void a_request_ends_with_the_head_of_its_response(String lane, Protocol protocol)
      throws Exception {
    CountDownLatch later = new CountDownLatch(1);
    proxy.server.script(
        call -> {
          if (call.line().contains("late")) {
            later.await();
          } else {
            call.write("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha");
            later.await();
            call.write("lf");
          }
        });
    try (TestClient client = proxy.connect(protocol)) {
      client.request("GET", lane + "request", "Host: a.test");
      client.awaitBody(2);
      assertThat(get(lane + "request?late", protocol).status()).isEqualTo(504);
      later.countDown();
      assertThat(client.response().body()).isEqualTo("half");
    }
  }

  @Test
  void a_limit_stands_in_place_of_the_pools() {
    TimeoutSettings pool = TimeoutSettings.DEFAULT;
    Duration hour = Duration.ofHours(1);
    Duration second = Duration.ofSeconds(1);
    assertThat(TimeLimits.NONE.of(pool)).isSameAs(pool);
    assertThat(new TimeLimits(hour, null).of(pool).response()).isEqualTo(hour);
    assertThat(new TimeLimits(hour, second).of(pool).response()).isEqualTo(second);
    assertThat(new TimeLimits(null, second).of(pool).idle()).isEqualTo(pool.idle());
  }
}
