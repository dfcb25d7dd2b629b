package dev.understudy.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.event.Event;
import dev.understudy.event.EventHistory;
import dev.understudy.event.EventLog;
import dev.understudy.event.ServerEvent;
import dev.understudy.failover.SwitchReason;
import dev.understudy.health.HealthStatus;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.Rank;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.ServerId;
import dev.understudy.probe.NettyProber;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.TestServer;
import dev.understudy.testing.TestServers;
import dev.understudy.testing.TestSettings;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A start with hundreds of good servers while all processors are busy with something else. */
@Tag(Extent.FULL)
class BusyStartTest {
  private static final int POOLS = Extent.rounds(200);

  private volatile boolean over;

  @Test
  void it_begins_by_distrusting_nobody() throws InterruptedException {
    Queue<ProbeOutcome> outcomes = new ConcurrentLinkedQueue<>();
    EventHistory events = new EventHistory(new MonotonicClock());
    List<Thread> busy = busyThreads();
    try (TestServer server = new TestServer("good");
        NettyProber prober =
            new NettyProber(
                tls -> {
                  throw new IllegalStateException("no server has TLS");
                },
                failure -> {});
        Monitor monitor =
            Monitor.builder(prober, new FakeResolver())
                .events(events)
                .probeListener((pool, id, outcome, took) -> outcomes.add(outcome))
                .build()) {
      monitor.apply(pools(server.port()));
      Await.until("all servers are judged", monitor::ready);
      Set<ProbeOutcome> kinds = EnumSet.copyOf(outcomes);
      assertThat(kinds).isSubsetOf(ProbeOutcome.OK, ProbeOutcome.VOIDED);
      assertThat(monitor.current().pools())
          .hasSize(POOLS)
          .allMatch(
              pool -> pool.servers().stream().allMatch(each -> each.status() == HealthStatus.UP))
          .allMatch(pool -> pool.serving().server().rank() == Rank.MASTER && pool.epoch() == 1);
      assertThat(events.newest(null, EventLog.CAPACITY))
          .hasSize(3 * POOLS)
          .extracting(EventLog.Entry::event)
          .allMatch(BusyStartTest::isGood);
    } finally {
      over = true;
      for (Thread thread : busy) {
        thread.join();
      }
    }
  }

  private static boolean isGood(Event event) {
    return switch (event) {
      case ServerEvent.HealthChanged changed -> changed.to() == HealthStatus.UP;
      case Event.Switched switched -> switched.reason() == SwitchReason.INITIAL;
      default -> false;
    };
  }

  private List<Thread> busyThreads() {
    List<Thread> busy = new ArrayList<>();
    for (int i = 0; i < 2 * Runtime.getRuntime().availableProcessors(); i++) {
      busy.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    while (!over) {
                      Thread.onSpinWait();
                    }
                  }));
    }
    return busy;
  }

  private static List<Pool> pools(int port) {
    List<Pool> pools = new ArrayList<>();
    for (int i = 0; i < POOLS; i++) {
      pools.add(
          SensePool.pool(
              new PoolId("pool-" + i),
              server("one", port, Rank.MASTER),
              server("two", port, Rank.BACKUP)));
    }
    return pools;
  }

  private static Server server(String id, int port, Rank rank) {
    ServerAddress address = TestSettings.address(false, "127.0.0.1", port);
    return TestServers.of(new ServerId(id), address, rank, OptionalInt.empty());
  }
}
