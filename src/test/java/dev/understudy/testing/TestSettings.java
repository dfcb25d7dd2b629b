package dev.understudy.testing;

import dev.understudy.pool.Check;
import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.Listener;
import dev.understudy.pool.ListenerTls;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.RevocationLists;
import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.StickySettings;
import dev.understudy.pool.SwitchSettings;
import dev.understudy.pool.TimeoutSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Settings of which a test names some, and all others have their defaults. */
public final class TestSettings {
  private TestSettings() {}

  /** An HTTP server's address. */
  public static ServerAddress address(boolean tls, String host, int port) {
    return new ServerAddress(ServerAddress.Protocol.HTTP, tls, host, port);
  }

  public static SwitchSettings onSwitch(SwitchSettings.WebSockets websockets, Duration drain) {
    SwitchSettings defaults = SwitchSettings.DEFAULT;
    return onSwitch(websockets, defaults.streams(), drain, defaults.closeCode());
  }

  public static SwitchSettings onSwitch(
      SwitchSettings.WebSockets websockets,
      SwitchSettings.Streams streams,
      Duration drain,
      int closeCode) {
    return new SwitchSettings(
        websockets, streams, drain, closeCode, SwitchSettings.DEFAULT.connections());
  }

  public static StickySettings sticky(String cookie, StickySettings.AfterFailback afterFailback) {
    return sticky(cookie, afterFailback, StickySettings.Type.COOKIE);
  }

  public static StickySettings sticky(
      String cookie, StickySettings.AfterFailback afterFailback, StickySettings.Type type) {
    StickySettings defaults = StickySettings.DEFAULT;
    return new StickySettings(
        cookie,
        afterFailback,
        type,
        null,
        defaults.httpOnly(),
        defaults.sameSite(),
        null,
        defaults.entries(),
        defaults.expire());
  }

  public static TimeoutSettings timeouts(
      Duration connect, Duration response, Duration idle, Duration tunnel) {
    return new TimeoutSettings(
        connect, response, idle, tunnel, TimeoutSettings.DEFAULT.keepAlive());
  }

  public static HealthSettings health(Check check) {
    HealthSettings usual = HealthSettings.DEFAULT;
    return health(
        check,
        usual.interval(),
        usual.fastInterval(),
        usual.downInterval(),
        usual.timeout(),
        usual.fall(),
        usual.rise());
  }

  /** Without an agent. */
  public static HealthSettings health(
      Check check,
      Duration interval,
      Duration fastInterval,
      Duration downInterval,
      Duration timeout,
      int fall,
      int rise) {
    return new HealthSettings(
        check, interval, fastInterval, downInterval, timeout, fall, rise, null);
  }

  /** Without further conditions. */
  public static FailbackSettings failback(FailbackSettings.Policy policy, Duration after) {
    return new FailbackSettings(
        policy, after, null, OptionalInt.empty(), null, FailbackSettings.DEFAULT.zone());
  }

  /** Tells clients apart by nothing but their server names. */
  public static Listener listener(
      String id,
      @Nullable String address,
      int port,
      @Nullable PoolId pool,
      Map<String, PoolId> serverNames,
      boolean proxyProtocol,
      @Nullable ListenerTls tls) {
    return new Listener(
        id,
        address,
        port,
        pool,
        serverNames,
        Map.of(),
        Duration.ofSeconds(3),
        proxyProtocol,
        false,
        tls,
        null);
  }

  /** Serves plain HTTP, HTTP/2 too, on any port of the loopback address. */
  public static Listener clear(String id) {
    return new Listener(
        id,
        "127.0.0.1",
        0,
        null,
        Map.of(),
        Map.of(),
        Duration.ofSeconds(3),
        false,
        true,
        null,
        null);
  }

  /** With the certificate of a bundle, and without those of clients. */
  public static ListenerTls tls(String bundle) {
    return new ListenerTls(
        List.of(),
        bundle,
        ListenerTls.ClientAuth.NONE,
        null,
        true,
        "TLSv1.2",
        false,
        null,
        List.of(),
        List.of(),
        RevocationLists.NONE);
  }
}
