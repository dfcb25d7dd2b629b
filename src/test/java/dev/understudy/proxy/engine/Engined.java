package dev.understudy.proxy.engine;

import dev.understudy.pool.TlsOffer;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.testing.Lane;
import dev.understudy.testing.NettyFrontend;
import dev.understudy.testing.PlainTunnel;
import dev.understudy.testing.Recorder;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServer;
import io.netty.handler.ssl.SslContext;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;

/** The engine on one event loop, before a master and a backup. */
abstract class Engined {
  final TestServer master = new TestServer("master");
  final TestServer backup = new TestServer("backup");
  final Recorder seen = new Recorder();
  EngineRig rig;

  @AfterEach
  void everything_comes_to_rest() {
    rig.close();
    master.close();
    backup.close();
  }

  void start(TestPools.Builder pool) {
    rig = new EngineRig(pool.start(), seen);
  }

  TestPools.Builder two() {
    return TestPools.pool().master("a", master.port()).backup("b", backup.port());
  }

  /** A front on sockets for servers without TLS. */
  static Lane front(TestPools pools, Recorder seen) {
    return front(
        pools,
        seen,
        settings -> {
          throw new IllegalStateException("no https here");
        });
  }

  static Lane front(TestPools pools, Recorder seen, Function<TlsOffer, SslContext> tls) {
    return new NettyFrontend(
        new Lane.Setup(
            pools, seen, seen, TestPools.POOL, null, TrustedProxies.NONE, tls, new PlainTunnel()));
  }
}
