package dev.understudy.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.health.Observation;
import dev.understudy.health.Observation.Trouble;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.CheckConnection;
import dev.understudy.pool.Rank;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.TcpCheck;
import dev.understudy.pool.TlsOffer;
import dev.understudy.pool.UpstreamTls;
import dev.understudy.probe.NettyProber;
import dev.understudy.probe.Prober;
import dev.understudy.testing.Await;
import dev.understudy.testing.Lane;
import dev.understudy.testing.LaneTable;
import dev.understudy.testing.NettyFrontend;
import dev.understudy.testing.ScriptedServer;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServers;
import dev.understudy.testing.TestSettings;
import io.netty.handler.ssl.SslContext;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.mock.env.MockEnvironment;

/**
 * Servers that end TLS in place of their part of the handshake, and leave the TCP connection open.
 */
@ParameterizedClass
@EnumSource(ListenerProperties.Tls.Provider.class)
class CanceledHandshakeTest extends LaneTable {
  /** Alerts in records of their own, as before keys are agreed on (RFC 8446 §5.1, §6.1). */
  private static final String CLOSE_NOTIFY = "15030300020100";

  private static final String CANCELED = "1503030002015a" + CLOSE_NOTIFY;

  private static final UpstreamTls UNVERIFIED = new UpstreamTls(null, null, false);
  private static final Duration LONG = Duration.ofSeconds(60);

  @Parameter ListenerProperties.Tls.Provider provider;

  private final CountDownLatch over = new CountDownLatch(1);
  private UpstreamTlsContexts contexts;

  @Override
  protected Lane.Factory factory() {
    return NettyFrontend::new;
  }

  @Override
  protected SslContext upstreamTls(TlsOffer offer) {
    if (contexts == null) {
      contexts =
          new UpstreamTlsContexts(
              new DefaultSslBundleRegistry(),
              new BundleFailureText(new MockEnvironment()),
              new TlsLibrary(provider, KeyExchangeGroups.DEFAULT));
    }
    return contexts.offering(offer);
  }

  @AfterEach
  void servers_go_on() {
    over.countDown();
  }

  private ScriptedServer server(String alerts) {
    ScriptedServer server =
        new ScriptedServer(
            connection -> {
              connection.socket().getInputStream().read();
              connection.socket().getOutputStream().write(HexFormat.of().parseHex(alerts));
              over.await();
            });
    closeLater(server);
    return server;
  }

  @ParameterizedTest(name = "{0}, http2: {1}")
  @CsvSource({
    CLOSE_NOTIFY + ", false",
    CLOSE_NOTIFY + ", true",
    CANCELED + ", false",
    CANCELED + ", true"
  })
  void a_request_is_held_as_no_connection_can_be_made(String alerts, boolean http2) {
    TestPools.Builder pool =
        TestPools.pool()
            .tlsMaster("a", server(alerts).port())
            .tls(UNVERIFIED)
            .timeouts(LONG, LONG, LONG);
    start(http2 ? pool.http2() : pool);
    TestClient client = client().request("POST", "/", bytes(3));
    Await.until("it is told", () -> !seen.troubles.isEmpty());
    assertThat(seen.troubles).containsOnly(Trouble.CONNECT_FAILED);
    Await.until("it is held", () -> seen.held.get() == 1);
    client.abort();
    Await.until("it is held no more", () -> seen.held.get() == 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {CLOSE_NOTIFY, CANCELED})
  void a_probe_fails(String alerts) throws Exception {
    CompletableFuture<Observation.Probe> done = new CompletableFuture<>();
    try (NettyProber prober = new NettyProber(this::upstreamTls, failure -> {})) {
      prober.probe(
          new Prober.Request(
              TestServers.of(
                  new ServerId("a"),
                  TestSettings.address(true, "127.0.0.1", server(alerts).port()),
                  Rank.MASTER,
                  OptionalInt.empty()),
              UNVERIFIED,
              new TcpCheck(List.of(), CheckConnection.DEFAULT),
              InetAddress.getLoopbackAddress(),
              LONG,
              Instant.EPOCH,
              null),
          done::complete);
      assertThat(done.get(30, TimeUnit.SECONDS).outcome()).isEqualTo(ProbeOutcome.TLS_FAILED);
    }
  }
}
