package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.BACKUP;
import static dev.understudy.monitor.SensePool.MASTER;
import static dev.understudy.monitor.SensePool.SENSE;
import static dev.understudy.monitor.SensePool.sense;
import static dev.understudy.monitor.SensePool.with;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import dev.understudy.health.Observation;
import dev.understudy.health.Observation.Trouble;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.PassiveSettings;
import dev.understudy.pool.ServerId;
import dev.understudy.probe.Prober;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.Snapshot;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.LogCapture;
import dev.understudy.testing.Rows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The monitor on its real thread and clock. */
@Tag(Extent.FULL)
class MonitorThreadTest {
  private static boolean serves(Monitor monitor, ServerId id) {
    PoolState pool = monitor.current().pool(SENSE);
    return pool != null && pool.serving() != null && pool.serving().server().id().equals(id);
  }

  /** Answers on a thread of its own, as real ones do. */
  private static final class ThreadedProber implements Prober {
    final Set<ServerId> killed = ConcurrentHashMap.newKeySet();

    @Override
    public InFlight probe(Request request, Consumer<Observation.Probe> done) {
      boolean dead = killed.contains(request.server().id());
      Observation.Probe probe =
          new Observation.Probe(
              request.started(),
              dead ? ProbeOutcome.CONNECT_FAILED : ProbeOutcome.OK,
              dead ? "connection refused" : "status 200");
      Thread.ofVirtual().start(() -> done.accept(probe));
      return InFlight.NONE;
    }
  }

  @Test
  void it_fails_over_and_back_while_many_threads_read_and_report() throws Exception {
    ThreadedProber prober = new ThreadedProber();
    Queue<String> broken = new ConcurrentLinkedQueue<>();
    try (Monitor monitor = Monitor.builder(prober, new FakeResolver()).build()) {
      monitor
          .apply(List.of(with(sense(), PassiveSettings.DEFAULT)))
          .toCompletableFuture()
          .get(20, TimeUnit.SECONDS);
      Await.until("the monitor is ready", monitor::ready);
      Await.until("the master serves", () -> serves(monitor, MASTER));
      CountDownLatch stop = new CountDownLatch(1);
      List<Thread> readers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        readers.add(Thread.ofPlatform().start(() -> traffic(monitor, prober, stop, broken)));
      }
      for (int round = 0; round < Extent.rounds(3); round++) {
        prober.killed.add(MASTER);
        Await.until("the backup serves", () -> serves(monitor, BACKUP));
        prober.killed.remove(MASTER);
        monitor.commands().switchTo(SENSE, null, null);
        Await.until(
            "the master is usable", () -> monitor.current().pool(SENSE).server(MASTER).usable());
        monitor
            .commands()
            .switchTo(SENSE, MASTER, null)
            .toCompletableFuture()
            .get(20, TimeUnit.SECONDS);
        Await.until("the master serves", () -> serves(monitor, MASTER));
      }
      stop.countDown();
      for (Thread reader : readers) {
        reader.join();
      }
    }
    assertThat(broken).isEmpty();
  }

  private static void traffic(
      Monitor monitor, ThreadedProber prober, CountDownLatch stop, Queue<String> broken) {
    long version = 0;
    long epoch = 0;
    while (stop.getCount() > 0) {
      Snapshot snapshot = monitor.current();
      PoolState pool = snapshot.pool(SENSE);
      if (snapshot.version() < version || pool.epoch() < epoch) {
        broken.add("went back: " + snapshot);
      }
      version = snapshot.version();
      epoch = pool.epoch();
      ServerState serving = pool.serving();
      if (serving == null) {
        continue;
      }
      serving.traffic().byteReceived(System.nanoTime());
      monitor.called(serving, false, Duration.ofMillis(1));
      if (prober.killed.contains(serving.server().id())) {
        monitor.trouble(serving, Trouble.CONNECT_FAILED, monitor.now(), "refused");
      }
      Thread.onSpinWait();
    }
  }

  @Test
  void a_task_that_fails_does_not_end_the_thread() throws InterruptedException {
    try (MonitorThread thread = new MonitorThread(new MonotonicClock())) {
      thread.execute(
          () -> {
            throw new IllegalStateException("as the test wants");
          });
      CountDownLatch ran = new CountDownLatch(1);
      thread.schedule(Duration.ofMillis(1), ran::countDown);
      assertThat(ran.await(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void an_error_is_logged_too() {
    try (LogCapture log = LogCapture.of(MonitorThread.class);
        MonitorThread thread = new MonitorThread(new MonotonicClock())) {
      thread.execute(
          () -> {
            throw new NoClassDefFoundError("as the test wants");
          });
      Await.until(
          "the error is logged",
          () ->
              log.events().stream()
                  .map(event -> ThrowableProxyUtil.asString(event.getThrowableProxy()))
                  .anyMatch(text -> text.contains("NoClassDefFoundError: as the test wants")));
    }
  }

  @Test
  void a_closed_thread_accepts_tasks_and_never_runs_them() {
    MonitorThread thread = new MonitorThread(new MonotonicClock());
    thread.close();
    boolean[] ran = new boolean[1];
    thread.execute(() -> ran[0] = true);
    thread.schedule(Duration.ZERO, () -> ran[0] = true).cancel();
    assertThat(ran[0]).isFalse();
  }

  @Test
  void its_clock_never_steps_back() {
    MonotonicClock clock = new MonotonicClock();
    var last = clock.instant();
    for (int i = 0; i < 10_000; i++) {
      var now = clock.instant();
      assertThat(now).isAfterOrEqualTo(last);
      last = now;
    }
  }

  @Rows(
      """
      // row                                     | the wall's step | ahead | afterwards
      it is corrected by seconds                | 2000            | 2000  | 2000
      it is corrected by hours                  | 10800000        | 10800000 | 10800000
      it is set back by hours                   | -10800000       | -10800000 | -10800000
      it is a little faster                     | 400             | 0     | 0
      """)
  void the_clock_on_the_wall_is_followed_and_the_other_one_is_not_moved_by_it(
      String row, long step, long ahead, long afterwards) {
    long[] wall = {FakeScheduler.START.toEpochMilli()};
    long[] nanos = {Long.MAX_VALUE - 5};
    MonotonicClock clock = new MonotonicClock(FakeScheduler.START, () -> wall[0], () -> nanos[0]);
    wall[0] += step + 1_000;
    nanos[0] += 1_000_000_000;
    assertThat(clock.instant()).isEqualTo(FakeScheduler.START.plusSeconds(1));
    assertThat(clock.ahead()).hasMillis(ahead);
    assertThat(clock.wall().instant()).isEqualTo(clock.instant().plusMillis(ahead));
    wall[0] += 100;
    assertThat(clock.ahead()).as("it does not tremble").hasMillis(afterwards);
  }
}
