package dev.understudy.config;

import dev.understudy.pool.ListenerTls;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A listener as written; null stands for an absent key. */
record RawListener(
    @Constraint.Required("a port") @Constraint.Whole(min = 0, max = 65_535) @Nullable Integer port,
    @Constraint.Text(TextForm.ADDRESS) @Nullable String address,
    @Constraint.Text(TextForm.LABEL) @Nullable String pool,
    @Constraint.Entries(max = Limits.SERVER_NAMES, keys = TextForm.SERVER_NAME)
        @Nullable Map<String, String> serverNames,
    @Constraint.Entries(max = Limits.PROTOCOLS, keys = TextForm.FIRST_BYTES)
        @Nullable Map<String, String> protocols,
    @Constraint.Span(max = "10m") @Nullable Duration inspectDelay,
    @Nullable Boolean proxyProtocol,
    @Nullable Tls tls) {

  record Tls(
      @Constraint.Entries(max = Limits.CERTIFICATES) @Nullable List<String> certificates,
      @Constraint.Text(TextForm.NAME) @Nullable String bundle,
      ListenerTls.@Nullable ClientAuth clientAuth,
      @Constraint.Text(TextForm.NOT_EMPTY) @Nullable String clientCa,
      @Nullable Boolean http2,
      @Constraint.Text(TextForm.TLS_VERSION) @Nullable String minVersion,
      @Nullable Boolean strictNames) {}
}
