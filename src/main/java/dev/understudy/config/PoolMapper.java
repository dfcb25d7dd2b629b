package dev.understudy.config;

import dev.understudy.pool.Balance;
import dev.understudy.pool.DnsSettings;
import dev.understudy.pool.HoldSettings;
import dev.understudy.pool.Mode;
import dev.understudy.pool.PassiveSettings;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.RetrySettings;
import dev.understudy.pool.RoleProof;
import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.StickySettings;
import dev.understudy.pool.SwitchSettings;
import dev.understudy.pool.TimeoutSettings;
import dev.understudy.pool.UpstreamTls;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Maps a pool, fills in defaults and checks its parts against one another. */
final class PoolMapper {
  private static final RawPool NOTHING =
      new RawPool(
          null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);

  private final RecordReader reader;
  private final RouteChecker checker;
  private final Problems problems;

  private final DnsSettings dns;

  PoolMapper(RecordReader reader, RouteChecker checker, DnsSettings dns, Problems problems) {
    this.dns = dns;
    this.reader = reader;
    this.checker = checker;
    this.problems = problems;
  }

  /** Returns the pool, or null after reporting problems. */
  @Nullable Pool map(String name, MapNode node) {
    int before = problems.count();
    RawPool raw = orElse(reader.read(node, RawPool.class), NOTHING);
    Section section = new Section(node, problems);
    var servers = new ServersMapper(problems, dns.hold()).map(raw.servers(), node.map("servers"));
    boolean tcp = servers.protocol() == ServerAddress.Protocol.TCP;
    var health = new HealthMapper(reader, tcp, section.child("health")).map(raw.health());
    PassiveSettings passive = passive(raw.passive(), section.child("passive"));
    RetrySettings retry = retry(raw.retry(), section.child("retry"));
    SwitchSettings onSwitch = onSwitch(raw.onSwitch(), section.child("on-switch"));
    UpstreamTls tls = tls(raw.tls(), section.child("tls"));
    if (!tcp && servers.protocol() != null && raw.proxyProtocol() != null) {
      section.wrong(
          "proxy-protocol", "a pool of tcp:// or tls:// servers; HTTP servers get X-Forwarded-For");
    }
    StickySettings sticky = sticky(raw.sticky(), section.child("sticky"));
    boolean http2 = orElse(raw.http2(), false);
    if (http2 && tcp) {
      section.wrong("http2", "servers with an http or https URL");
    }
    var preset =
        RoleProof.defaultFailback(
            health.check(), tcp ? ServerAddress.Protocol.TCP : ServerAddress.Protocol.HTTP);
    var failback = FailbackMapper.map(raw.failback(), tcp, preset, section.child("failback"));
    if (problems.count() > before || problems.isAnyIn(node.path())) {
      return null;
    }
    return new Pool(
        new PoolId(name),
        orElse(raw.mode(), Mode.FAILOVER),
        servers.servers(),
        health,
        passive,
        failback,
        sticky,
        hold(raw.hold()),
        retry,
        onSwitch,
        timeouts(raw.timeouts()),
        tls,
        raw.proxyProtocol(),
        orElse(raw.balance(), Balance.ROUND_ROBIN),
        http2,
        servers.templates());
  }

  private static @Nullable PassiveSettings passive(RawPool.@Nullable Passive raw, Section section) {
    PassiveSettings defaults = PassiveSettings.DEFAULT;
    if (raw == null) {
      return section.isPresent() ? defaults : null;
    }
    Duration window = orElse(raw.window(), defaults.window());
    if (window.toNanosPart() != 0) {
      section.wrong("window", "whole seconds");
    }
    return new PassiveSettings(
        orElse(raw.failureRate(), defaults.failureRate()),
        orElse(raw.minimumCalls(), defaults.minimumCalls()),
        window,
        orElse(raw.openFor(), defaults.openFor()));
  }

  private static @Nullable StickySettings sticky(RawPool.@Nullable Sticky raw, Section section) {
    if (raw == null && !section.isPresent()) {
      return null;
    }
    return StickyMapper.map(orElse(raw, RawPool.Sticky.DEFAULT), section);
  }

  private static HoldSettings hold(RawPool.@Nullable Hold raw) {
    HoldSettings defaults = HoldSettings.DEFAULT;
    if (raw == null) {
      return defaults;
    }
    return new HoldSettings(
        orElse(raw.time(), defaults.time()),
        orElse(raw.requests(), defaults.requests()),
        raw.body() == null ? defaults.bodyBytes() : raw.body().intValue());
  }

  private static RetrySettings retry(RawPool.@Nullable Retry raw, Section section) {
    RetrySettings defaults = RetrySettings.DEFAULT;
    if (raw == null) {
      return defaults;
    }
    if (raw.methods() != null && section.node("methods") instanceof ListNode list) {
      methods(raw.methods(), list, section.problems());
    }
    return new RetrySettings(
        orElse(raw.attempts(), defaults.attempts()),
        raw.methods() == null ? defaults.methods() : Set.copyOf(raw.methods()),
        orElse(raw.idempotencyKey(), defaults.idempotencyKey()));
  }

  private static void methods(List<String> methods, ListNode list, Problems problems) {
    Set<String> seen = new LinkedHashSet<>();
    for (int i = 0; i < Math.min(methods.size(), list.items().size()); i++) {
      if (!TextForm.METHOD.fits(methods.get(i))) {
        problems.wrong(list.items().get(i), TextForm.METHOD.expected());
      } else if (!seen.add(methods.get(i))) {
        problems.wrong(list.items().get(i), "each method once");
      }
    }
  }

  private static SwitchSettings onSwitch(RawPool.@Nullable OnSwitch raw, Section section) {
    SwitchSettings defaults = SwitchSettings.DEFAULT;
    if (raw == null) {
      return defaults;
    }
    int closeCode = orElse(raw.closeCode(), defaults.closeCode());
    if (!SwitchSettings.isCloseCode(closeCode)) {
      if (section.isGood("close-code")) {
        section.wrong("close-code", SwitchSettings.CLOSE_CODES);
      }
      closeCode = defaults.closeCode();
    }
    return new SwitchSettings(
        orElse(raw.websockets(), defaults.websockets()),
        orElse(raw.streams(), defaults.streams()),
        orElse(raw.drain(), defaults.drain()),
        closeCode,
        orElse(raw.connections(), defaults.connections()));
  }

  private static TimeoutSettings timeouts(RawPool.@Nullable Timeouts raw) {
    TimeoutSettings defaults = TimeoutSettings.DEFAULT;
    return raw == null
        ? defaults
        : new TimeoutSettings(
            orElse(raw.connect(), defaults.connect()),
            orElse(raw.response(), defaults.response()),
            orElse(raw.idle(), defaults.idle()),
            orElse(raw.tunnel(), defaults.tunnel()));
  }

  private UpstreamTls tls(RawPool.@Nullable Tls raw, Section section) {
    UpstreamTls defaults = UpstreamTls.DEFAULT;
    if (raw == null) {
      return defaults;
    }
    String problem = raw.bundle() == null ? null : checker.bundleProblem(raw.bundle());
    if (problem != null) {
      section.wrong("bundle", problem);
    }
    return new UpstreamTls(raw.bundle(), raw.serverName(), orElse(raw.verify(), defaults.verify()));
  }

  static <T> T orElse(@Nullable T value, T fallback) {
    return value == null ? fallback : value;
  }
}
