package dev.understudy.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.network.IpAddress;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.proxy.session.SessionStore.Session;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.testing.Await;
import dev.understudy.testing.Engines;
import dev.understudy.testing.Recorder;
import dev.understudy.testing.TestPools;
import dev.understudy.traffic.RequestEnd;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who has a place in a pool's hold. */
class ServerAcquisitionTest {
  private static final String A = "192.0.2.1";
  private static final String B = "192.0.2.2";

  private final Recorder seen = new Recorder();
  private final EventLoop loop = new DefaultEventLoop();
  private final EventLoop another = new DefaultEventLoop();
  private TestPools pools;
  private Engine engine;

  private void start(int places) {
    pools =
        TestPools.pool()
            .master("a", 1)
            .backup("b", 2)
            .hold(Duration.ofMinutes(1), places, 0)
            .start();
    pools.failover("a", null);
    engine =
        Engines.create(
            pools,
            seen,
            seen,
            TrustedProxies.NONE,
            settings -> {
              throw new AssertionError("no https server here");
            },
            (client, upstream, to, webSocket, listener) -> {});
  }

  @AfterEach
  void end() {
    engine.close();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    another.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  /** Something that needs a server, and does nothing with what it is told. */
  private static final class Asker implements ServerAcquisition.Requester {
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final IpAddress address;

    Asker(String address) {
      this.address = IpAddress.parse(address);
    }

    @Override
    public @Nullable Session session(PoolState pool) {
      return null;
    }

    @Override
    public IpAddress clientAddress() {
      return address;
    }

    @Override
    public boolean admits(PoolState pool, ServerState server) {
      return true;
    }

    @Override
    public void found(SelectedServer target) {
      told.add(target.server().server().id().toString());
    }

    @Override
    public void waits() {
      told.add("waits");
    }

    @Override
    public void refused(RequestEnd end) {
      told.add(end.name());
    }
  }

  private Asker ask(String address) {
    return ask(address, loop);
  }

  private Asker ask(String address, EventLoop on) {
    Asker asker = new Asker(address);
    on.submit(() -> new ServerAcquisition(engine.on(on), TestPools.POOL, asker).acquire())
        .syncUninterruptibly();
    return asker;
  }

  @Test
  void who_is_refused_has_no_place_from_then_on() {
    start(1);
    Asker first = ask(A);
    pools.maintenance();
    Await.until("it is refused", () -> first.told.contains("MAINTENANCE"));
    pools.maintenance((PoolMaintenance) null);
    assertThat(ask(B).told).containsExactly("waits");
    assertThat(seen.limits).isEmpty();
    assertThat(first.told).containsExactly("waits", "MAINTENANCE");
  }

  @Test
  void whose_place_another_network_gets_is_refused() {
    start(2);
    Asker first = ask(A);
    Asker second = ask(A);
    assertThat(ask(B, another).told).containsExactly("waits");
    Await.until("it is refused", () -> second.told.size() == 2);
    assertThat(second.told).containsExactly("waits", "HOLD_FULL");
    assertThat(first.told).containsExactly("waits");
  }

  @Test
  void a_place_on_an_event_loop_that_has_shut_down_can_be_taken() {
    start(2);
    ask(A);
    ask(A);
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    assertThat(ask(B, another).told).containsExactly("waits");
  }
}
