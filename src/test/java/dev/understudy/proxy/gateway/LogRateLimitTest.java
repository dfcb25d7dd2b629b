package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Lines that requests can cause are few, and tell how many were left out. */
class LogRateLimitTest {
  @Test
  void one_line_in_ten_seconds_has_the_number_left_out() {
    AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
    LogRateLimit bound = new LogRateLimit(now::get);
    assertThat(bound.permit()).isZero();
    assertThat(bound.permit()).isEqualTo(LogRateLimit.SILENT);
    now.addAndGet(TimeUnit.SECONDS.toNanos(10) - 1);
    assertThat(bound.permit()).isEqualTo(LogRateLimit.SILENT);
    now.incrementAndGet();
    assertThat(bound.permit()).isEqualTo(2);
    assertThat(bound.permit()).isEqualTo(LogRateLimit.SILENT);
  }
}
