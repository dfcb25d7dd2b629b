package dev.understudy.config;

import dev.understudy.pool.Balance;
import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.Mode;
import dev.understudy.pool.ProxyHeader;
import dev.understudy.pool.Rank;
import dev.understudy.pool.StickySettings;
import dev.understudy.pool.SwitchSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A pool as written; null stands for an absent key. */
record RawPool(
    @Nullable Mode mode,
    @Constraint.Required("at least one server")
        @Constraint.Entries(max = Limits.SERVERS, keys = TextForm.LABEL)
        @Nullable Map<String, ServerEntry> servers,
    @Nullable RawHealth health,
    @Nullable Passive passive,
    @Nullable Failback failback,
    @Nullable Sticky sticky,
    @Nullable Hold hold,
    @Nullable Retry retry,
    @Nullable OnSwitch onSwitch,
    @Nullable Timeouts timeouts,
    @Constraint.Free @Constraint.Entries(max = Limits.ERROR_PAGES, keys = TextForm.ERROR_STATUS)
        @Nullable Map<String, Object> errorPages,
    @Nullable Tls tls,
    @Nullable ProxyHeader proxyProtocol,
    @Nullable Balance balance,
    @Nullable Boolean http2) {

  record ServerEntry(
      @Constraint.Required(ServerUrl.EXPECTED) @Nullable String url,
      @Nullable Rank role,
      @Constraint.Whole(min = 1, max = 1_000_000) @Nullable Integer maxRequests,
      @Constraint.Whole(min = 0, max = 256) @Nullable Integer weight,
      @Constraint.Whole(min = 1, max = Limits.SERVERS) @Nullable Integer count,
      @Constraint.Whole(min = 1, max = 65_535) @Nullable Integer healthPort,
      @Constraint.Text(TextForm.HOST_OR_ADDRESS) @Nullable String healthHost) {}

  record Passive(
      @Constraint.Whole(min = 1, max = 100) @Nullable Integer failureRate,
      @Constraint.Whole(min = 1, max = 100_000) @Nullable Integer minimumCalls,
      @Constraint.Span(min = "1s", max = "1h") @Nullable Duration window,
      @Constraint.Span @Nullable Duration openFor) {}

  record Failback(
      FailbackSettings.@Nullable Policy policy,
      @Constraint.Span(min = "0s") @Nullable Duration after,
      @Nullable WarmUpEntry warmUp,
      @Constraint.Whole(min = 0, max = 1_000_000) @Nullable Integer maxTunnels,
      @Constraint.Text(TextForm.DAILY) @Nullable String between,
      @Constraint.Text(TextForm.ZONE) @Nullable String zone) {}

  record WarmUpEntry(
      @Constraint.Text(TextForm.TARGET) @Nullable String path,
      @Constraint.Whole(min = 1, max = 10_000) @Nullable Integer requests,
      @Constraint.Span(max = "10m") @Nullable Duration time) {}

  record Sticky(
      @Constraint.Text(TextForm.TOKEN) @Nullable String cookie,
      StickySettings.@Nullable AfterFailback afterFailback,
      StickySettings.@Nullable Type type,
      @Nullable Boolean secure,
      @Nullable Boolean httpOnly,
      StickySettings.@Nullable SameSite sameSite,
      @Constraint.Text(TextForm.HOST) @Nullable String domain,
      @Constraint.Whole(min = 1, max = 1_000_000) @Nullable Integer entries,
      @Constraint.Span(min = "1s", max = "720h") @Nullable Duration expire) {
    static final Sticky DEFAULT = new Sticky(null, null, null, null, null, null, null, null, null);
  }

  record Hold(
      @Constraint.Span(min = "0s", max = "1h") @Nullable Duration time,
      @Constraint.Whole(min = 0, max = 1_000_000) @Nullable Integer requests,
      @Constraint.Size(max = "64MB") @Nullable Long body) {}

  record Retry(
      @Constraint.Whole(min = 1, max = 10) @Nullable Integer attempts,
      @Constraint.Entries(max = 32) @Nullable List<String> methods,
      @Nullable Boolean idempotencyKey) {}

  record OnSwitch(
      SwitchSettings.@Nullable WebSockets websockets,
      SwitchSettings.@Nullable Streams streams,
      @Constraint.Span(min = "0s") @Nullable Duration drain,
      @Constraint.Whole(min = 1000, max = 4999) @Nullable Integer closeCode,
      SwitchSettings.@Nullable Connections connections) {}

  record Timeouts(
      @Constraint.Span @Nullable Duration connect,
      @Constraint.Span @Nullable Duration response,
      @Constraint.Span @Nullable Duration idle,
      @Constraint.Span @Nullable Duration tunnel) {}

  record Tls(
      @Constraint.Text(TextForm.NAME) @Nullable String bundle,
      @Constraint.Text(TextForm.HOST) @Nullable String serverName,
      @Nullable Boolean verify) {}
}
