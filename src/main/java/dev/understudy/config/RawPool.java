package dev.understudy.config;

import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.Mode;
import dev.understudy.pool.Rank;
import dev.understudy.pool.StickySettings;
import dev.understudy.pool.SwitchSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/** A pool as written; null stands for an absent key. */
record RawPool(
    @Nullable Mode mode,
    @Rule.Required("at least one server") @Rule.Entries(max = Limits.SERVERS, keys = TextForm.LABEL)
        @Nullable Map<String, ServerEntry> servers,
    @Nullable RawHealth health,
    @Nullable Passive passive,
    @Nullable Failback failback,
    @Nullable Sticky sticky,
    @Nullable Hold hold,
    @Nullable Retry retry,
    @Nullable OnSwitch onSwitch,
    @Nullable Timeouts timeouts,
    @Nullable Tls tls) {

  record ServerEntry(
      @Rule.Required(ServerUrl.EXPECTED) @Nullable String url,
      @Nullable Rank role,
      @Rule.Whole(min = 1, max = 1_000_000) @Nullable Integer maxRequests) {}

  record Passive(
      @Rule.Whole(min = 1, max = 100) @Nullable Integer failureRate,
      @Rule.Whole(min = 1, max = 100_000) @Nullable Integer minimumCalls,
      @Rule.Span(min = "1s", max = "1h") @Nullable Duration window,
      @Rule.Span @Nullable Duration openFor) {}

  record Failback(
      FailbackSettings.@Nullable Policy policy, @Rule.Span(min = "0s") @Nullable Duration after) {}

  record Sticky(
      @Rule.Text(TextForm.TOKEN) @Nullable String cookie,
      StickySettings.@Nullable AfterFailback afterFailback) {}

  record Hold(
      @Rule.Span(min = "0s", max = "1h") @Nullable Duration time,
      @Rule.Whole(min = 0, max = 1_000_000) @Nullable Integer requests,
      @Rule.Size(max = "64MB") @Nullable DataSize body) {}

  record Retry(
      @Rule.Whole(min = 1, max = 10) @Nullable Integer attempts,
      @Rule.Entries(max = 32) @Nullable List<String> methods,
      @Nullable Boolean idempotencyKey) {}

  record OnSwitch(
      SwitchSettings.@Nullable WebSockets websockets,
      SwitchSettings.@Nullable Streams streams,
      @Rule.Span(min = "0s") @Nullable Duration drain,
      @Rule.Whole(min = 1000, max = 4999) @Nullable Integer closeCode) {}

  record Timeouts(
      @Rule.Span @Nullable Duration connect,
      @Rule.Span @Nullable Duration response,
      @Rule.Span @Nullable Duration idle,
      @Rule.Span @Nullable Duration tunnel) {}

  record Tls(
      @Rule.Text(TextForm.NAME) @Nullable String bundle,
      @Rule.Text(TextForm.HOST) @Nullable String serverName,
      @Nullable Boolean verify) {}
}
