package dev.understudy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.understudy.admin.RefusalLog.Cause;
import dev.understudy.testing.LogCapture;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.event.KeyValuePair;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;

/** Refused requests: each is counted, and a flood of them does not fill the log. */
@Isolated("reads what is logged")
class RefusalLogTest {
  private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 1);
  private final RefusalLog refusals = new RefusalLog(clock::get);
  private final LogCapture log = LogCapture.of(RefusalLog.class);

  @AfterEach
  void close() {
    log.close();
  }

  private static ServerHttpRequest request(String path) {
    return MockServerHttpRequest.put(path)
        .remoteAddress(new java.net.InetSocketAddress("10.1.2.3", 4567))
        .header("Authorization", "Bearer s3cret")
        .build();
  }

  private List<String> lines() {
    return log.events().stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  @Test
  void one_line_a_second_says_how_many_were_left_out() {
    for (int i = 0; i < 1_000; i++) {
      refusals.refused(Cause.WRONG_TOKEN, request("/api/pools"), null);
    }
    clock.addAndGet(Duration.ofSeconds(1).toNanos());
    refusals.refused(Cause.ROLE, request("/api/pools"), "grafana");
    clock.addAndGet(Duration.ofSeconds(1).toNanos());
    refusals.refused(Cause.NO_TOKEN, request("/api/pools"), null);

    assertThat(lines())
        .containsExactly(
            "Refused PUT /api/pools from 10.1.2.3: its token is wrong",
            "Refused PUT /api/pools from 10.1.2.3: the role of its token is not enough: grafana;"
                + " 999 more before it were not logged",
            "Refused PUT /api/pools from 10.1.2.3: it presents no token");
    assertThat(RefusalCount.of(refusals, Cause.WRONG_TOKEN)).isEqualTo(1_000);
    assertThat(RefusalCount.of(refusals, Cause.ROLE)).isEqualTo(1);
    assertThat(RefusalCount.of(refusals, Cause.OFF)).isZero();
  }

  @Test
  void structured_logs_have_the_cause_and_the_count() {
    refusals.refused(Cause.FOREIGN_ORIGIN, request("/api/pools"), null);

    assertThat(log.events().getFirst().getKeyValuePairs())
        .containsExactly(
            new KeyValuePair("cause", "foreign-origin"), new KeyValuePair("notLogged", 0L));
  }

  @Test
  void a_clients_text_is_cut_and_the_token_is_not_shown() {
    refusals.refused(Cause.WRONG_TOKEN, request("/" + "a".repeat(5_000)), null);

    assertThat(lines().getFirst())
        .contains("/" + "a".repeat(96) + "... from")
        .doesNotContain("s3cret");
  }
}
