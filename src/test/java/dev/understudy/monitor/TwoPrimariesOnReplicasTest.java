package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.BACKUP;
import static dev.understudy.monitor.SensePool.MASTER;
import static dev.understudy.monitor.SensePool.SENSE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.quorum.QuorumAgreement;
import dev.understudy.agreement.quorum.QuorumSettings;
import dev.understudy.agreement.quorum.QuorumSettings.OnLoss;
import dev.understudy.agreement.register.MemoryRegister;
import dev.understudy.agreement.register.MemoryStore;
import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.health.DataHistory.Replication;
import dev.understudy.monitor.FakeProber.Behaviour;
import dev.understudy.pool.ServerId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Replicas that restart know of a stale primary what the others, or those before them, knew. */
class TwoPrimariesOnReplicasTest {
  private final FakeScheduler scheduler = new FakeScheduler();
  private final MemoryStore store = new MemoryStore();
  private final FakeProber prober = new FakeProber(scheduler);
  private final Map<String, Monitor> replicas = new TreeMap<>();
  private final EventHistory events = new EventHistory(scheduler);

  /** One replica's thread: its end does not end the others'. */
  private static final class OwnThread implements Scheduler {
    private final FakeScheduler all;
    private boolean closed;

    OwnThread(FakeScheduler all) {
      this.all = all;
    }

    @Override
    public Instant now() {
      return all.now();
    }

    @Override
    public long nanoTime() {
      return all.nanoTime();
    }

    @Override
    public void execute(Runnable task) {
      all.execute(unlessClosed(task));
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
      return all.schedule(delay, unlessClosed(task));
    }

    private Runnable unlessClosed(Runnable task) {
      return () -> {
        if (!closed) {
          task.run();
        }
      };
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  /** The master was frozen, the backup promoted, and the master is back. */
  @BeforeEach
  void promote() {
    prober.data(MASTER, new Replication("1111", "0000", false));
    prober.data(BACKUP, new Replication("2222", "1111", false));
    prober.set(BACKUP, Behaviour.STANDBY);
    for (String name : new String[] {"a", "b", "c"}) {
      start(name);
    }
    advance(15_000);
    assertServes(MASTER);
    prober.set(MASTER, Behaviour.FROZEN);
    advance(10_000);
    prober.set(BACKUP, Behaviour.HEALTHY);
    advance(10_000);
    assertServes(BACKUP);
    prober.set(MASTER, Behaviour.HEALTHY);
    advance(30_000);
    assertServes(BACKUP);
  }

  @AfterEach
  void close() {
    replicas.values().forEach(Monitor::close);
  }

  private void start(String name) {
    QuorumSettings settings =
        new QuorumSettings(
            name, name + "#" + scheduler.now(), "", Duration.ofSeconds(2), OnLoss.LOCAL);
    Monitor monitor =
        Monitor.builder(prober, new FakeResolver())
            .agreement(
                new QuorumAgreement(
                    new MemoryRegister(store, "understudy", scheduler::execute),
                    settings,
                    Bench.NO_JITTER,
                    scheduler.now()))
            .events(events)
            .random(Bench.NO_JITTER)
            .build(new OwnThread(scheduler));
    monitor.apply(List.of(MonitorTwoPrimariesTest.database()));
    replicas.put(name, monitor);
  }

  private void stop(String name) {
    Objects.requireNonNull(replicas.remove(name)).close();
  }

  private void advance(long millis) {
    scheduler.advance(Duration.ofMillis(millis));
  }

  private void assertServes(@Nullable ServerId expected) {
    replicas.forEach(
        (name, monitor) -> {
          ServerState serving =
              Objects.requireNonNull(monitor.current().pool(SENSE), "the pool").serving();
          assertThat(serving == null ? null : serving.server().id()).as(name).isEqualTo(expected);
        });
  }

  private long revision() {
    return store.get("understudy", RegisterKey.pool("sense")).orElseThrow().revision();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "a b", "a b c"})
  void those_that_restart_while_nobody_serves_do_not_take_the_stale_one(String restarting) {
    prober.set(BACKUP, Behaviour.FROZEN);
    advance(10_000);
    assertServes(null);
    List<String> names = List.of(restarting.split(" ", -1));
    names.forEach(this::stop);
    names.forEach(this::start);
    advance(60_000);
    assertServes(null);

    prober.set(BACKUP, Behaviour.HEALTHY);
    advance(10_000);
    assertServes(BACKUP);
  }

  @Test
  void those_that_restart_one_by_one_do_not_take_the_stale_one() {
    prober.set(BACKUP, Behaviour.FROZEN);
    advance(10_000);
    for (String name : new String[] {"a", "b", "c"}) {
      stop(name);
      start(name);
      advance(30_000);
      assertServes(null);
    }
  }

  @Test
  void those_that_restart_follow_a_promotion_that_they_have_not_seen() {
    for (String name : new String[] {"a", "b", "c"}) {
      stop(name);
    }
    prober.set(BACKUP, Behaviour.KILLED);
    prober.data(MASTER, new Replication("3333", "2222", false));
    for (String name : new String[] {"a", "b", "c"}) {
      start(name);
    }
    advance(30_000);
    assertServes(MASTER);
  }

  @Test
  void a_serving_one_that_restarts_empty_between_two_probes_waits_for_an_operator() {
    prober.set(MASTER, Behaviour.STANDBY);
    advance(10_000);
    prober.data(BACKUP, new Replication("3333", "0000", true));
    advance(10_000);
    assertServes(null);
    stop("a");
    start("a");
    advance(60_000);
    assertServes(null);

    Objects.requireNonNull(replicas.get("b")).switchTo(SENSE, BACKUP, null);
    advance(60_000);
    assertServes(BACKUP);
    Objects.requireNonNull(replicas.get("c")).switchTo(SENSE, null, null);
    advance(60_000);
    assertServes(BACKUP);
  }

  @Test
  void two_primaries_are_not_over_while_the_serving_one_does_not_respond() {
    prober.set(BACKUP, Behaviour.FROZEN);
    advance(10_000);
    assertServes(null);
    prober.set(BACKUP, Behaviour.HEALTHY);
    advance(10_000);
    assertServes(BACKUP);
    assertThat(events.newest(null, EventLog.CAPACITY))
        .extracting(EventLog.Entry::event)
        .filteredOn(Event.TwoPrimaries.class::isInstance)
        .hasSize(3) // one at each replica
        .allMatch(event -> event instanceof Event.TwoPrimaries two && !two.over());
  }

  @Test
  void the_record_is_not_written_again_and_again() {
    long before = revision();
    advance(60_000);
    assertThat(revision()).isEqualTo(before);
  }
}
