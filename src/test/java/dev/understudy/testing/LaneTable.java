package dev.understudy.testing;

import dev.understudy.pool.ServerId;
import dev.understudy.pool.TlsOffer;
import dev.understudy.proxy.engine.TunnelFactory;
import dev.understudy.proxy.http.TrustedProxies;
import io.netty.handler.ssl.SslContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/** What tables of tests on a lane have in common: two servers, and a lane for each row. */
public abstract class LaneTable {
  protected final Recorder seen = new Recorder();

  /** Watches the spans of all requests of all tables. */
  protected final SpanWatch spans = new SpanWatch();

  protected final TestServer master = new TestServer("master");
  protected final TestServer backup = new TestServer("backup");
  protected TestPools pools;
  private final List<AutoCloseable> toClose = new ArrayList<>();
  protected Protocol protocol;
  protected int port;
  private Lane lane;

  /** The lane that this table is run on. */
  protected abstract Lane.Factory factory();

  @AfterEach
  void everything_comes_to_rest() throws Exception {
    rest();
    master.close();
    backup.close();
  }

  /** Ends the lane and all that runs on it, so that another can be started. */
  protected final void rest() throws Exception {
    for (int i = toClose.size() - 1; i >= 0; i--) {
      toClose.remove(i).close();
    }
    if (pools != null) {
      Await.until(
          "no request is counted as running",
          () -> pools.state().servers().stream().allMatch(s -> s.traffic().requests().get() == 0));
      Await.until("nobody waits", () -> seen.held.get() == 0);
      spans.awaitEnds();
      Await.until("nothing is kept", () -> pools.state().traffic().heldBytes().get() == 0);
    }
  }

  /** Whether the requests of this table are traced; what the servers get is the same. */
  protected boolean isTraced() {
    return true;
  }

  protected final TestPools.Builder two() {
    return TestPools.pool().master("a", master.port()).backup("b", backup.port());
  }

  protected final void start(TestPools.Builder pool) {
    start(pool, null, TrustedProxies.NONE);
  }

  protected final void start(TestPools.Builder pool, ServerId prefer, TrustedProxies trusted) {
    pools = pool.start();
    pools.probeWhatBreaks(seen);
    if (isTraced()) {
      seen.trace(spans);
    }
    lane =
        factory()
            .start(
                new Lane.Setup(
                    pools,
                    seen,
                    seen,
                    TestPools.POOL,
                    prefer,
                    trusted,
                    this::upstreamTls,
                    tunnels()));
    toClose.add(lane);
    protocol = lane.protocol();
    port = lane.port();
  }

  /** As when the process stops: what runs may do so for that time. */
  protected final void stop(Duration grace) {
    lane.stop(grace);
  }

  /** TLS to the servers. */
  protected SslContext upstreamTls(TlsOffer offer) {
    throw new AssertionError("no https server here");
  }

  /** What relays WebSockets; asked once {@link #pools} is there. */
  protected TunnelFactory tunnels() {
    return new PlainTunnel();
  }

  /** Closes that after the test, before what was opened earlier. */
  protected final void closeLater(AutoCloseable resource) {
    toClose.add(resource);
  }

  /** A new connection of the lane's protocol. */
  protected TestClient client() {
    TestClient client = protocol.connect(port);
    toClose.add(client);
    return client;
  }

  protected final String scheme() {
    return protocol.isSecure() ? "https" : "http";
  }

  protected static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) ('a' + i % 26);
    }
    return bytes;
  }
}
