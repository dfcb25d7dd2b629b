package dev.understudy.probe;

import dev.understudy.api.HealthCheck;
import dev.understudy.health.LocalFailure;
import dev.understudy.health.Observation;
import dev.understudy.pool.Check;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.Expectation;
import dev.understudy.pool.HttpCheck;
import dev.understudy.pool.ProxyHeader;
import dev.understudy.pool.Rank;
import dev.understudy.pool.Regex;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.StatusSet;
import dev.understudy.pool.TlsOffer;
import dev.understudy.pool.UpstreamTls;
import dev.understudy.testing.TestServers;
import dev.understudy.testing.TestSettings;
import io.netty.handler.ssl.SslContext;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/** A prober with what it reported. */
final class ProbeHarness implements AutoCloseable {
  /** Never reached where a test passes. */
  static final Duration AMPLE = Duration.ofSeconds(20);

  static final Duration SHORT = Duration.ofSeconds(1);

  static final Instant STARTED = Instant.parse("2026-01-02T03:04:05Z");

  final NettyProber prober;
  final BlockingQueue<Observation.Probe> reported = new LinkedBlockingQueue<>();

  ProbeHarness() {
    this(
        tls -> {
          throw new IllegalStateException("no such bundle");
        });
  }

  ProbeHarness(Function<TlsOffer, SslContext> contexts) {
    prober = new NettyProber(contexts, failure -> {});
  }

  /** One that knows these checks of extensions, and keeps what this machine lacked for them. */
  ProbeHarness(Map<String, HealthCheck> checks, Consumer<LocalFailure> failures) {
    prober = new NettyProber(tls -> null, failures, checks);
  }

  static HttpCheck http(Expectation expect) {
    return new HttpCheck("GET", "/status", null, List.of(), expect, null, CheckConnection.DEFAULT);
  }

  static Expectation status(String set) {
    return new Expectation(StatusSet.parse(set), null, null, null);
  }

  static Expectation body(String contains) {
    return new Expectation(StatusSet.parse("200-399"), contains, null, null);
  }

  static Expectation regex(String regex) {
    return new Expectation(StatusSet.parse("200-399"), null, Regex.of(regex), null);
  }

  void start(Check check, int port, Duration timeout) {
    start(check, TestSettings.address(false, "127.0.0.1", port), UpstreamTls.DEFAULT, timeout);
  }

  void start(Check check, ServerAddress address, UpstreamTls tls, Duration timeout) {
    prober.probe(request(check, address, tls, timeout), reported::add);
  }

  /** Starts a probe of a server whose traffic begins with a PROXY protocol header. */
  void start(Check check, int port, ProxyHeader header, Duration timeout) {
    Prober.Request plain =
        request(
            check, TestSettings.address(false, "127.0.0.1", port), UpstreamTls.DEFAULT, timeout);
    prober.probe(
        new Prober.Request(
            plain.server(), plain.tls(), check, plain.address(), timeout, plain.started(), header),
        reported::add);
  }

  static Prober.Request request(
      Check check, ServerAddress address, UpstreamTls tls, Duration timeout) {
    return request(check, address, InetAddress.getLoopbackAddress(), tls, timeout);
  }

  static Prober.Request request(
      Check check, ServerAddress address, InetAddress resolved, UpstreamTls tls, Duration timeout) {
    Server server = TestServers.of(new ServerId("a"), address, Rank.MASTER, OptionalInt.empty());
    return new Prober.Request(server, tls, check, resolved, timeout, STARTED, null);
  }

  Observation.Probe probe(Check check, int port, Duration timeout) {
    start(check, port, timeout);
    return next();
  }

  Observation.Probe probe(Check check, ServerAddress address, UpstreamTls tls) {
    start(check, address, tls, AMPLE);
    return next();
  }

  Observation.Probe next() {
    try {
      Observation.Probe probe = reported.poll(30, TimeUnit.SECONDS);
      if (probe == null) {
        throw new AssertionError("the probe never ended");
      }
      return probe;
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    prober.close();
  }
}
