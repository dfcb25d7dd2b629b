package dev.understudy.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/** What a scrape has. */
final class Scraped {
  private Scraped() {}

  /** Each of these lines, which begin with {@code understudy_} there. */
  static void assertScraped(PrometheusMeterRegistry registry, String lines) {
    assertThat(registry.scrape().lines().map(line -> line.replaceFirst("^understudy_", "")))
        .contains(lines.strip().split("\n"));
  }
}
