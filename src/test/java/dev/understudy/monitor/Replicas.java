package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.SENSE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.quorum.QuorumAgreement;
import dev.understudy.agreement.quorum.QuorumSettings;
import dev.understudy.agreement.quorum.QuorumSettings.OnLoss;
import dev.understudy.agreement.register.MemoryRegister;
import dev.understudy.agreement.register.MemoryStore;
import dev.understudy.agreement.register.Register;
import dev.understudy.event.Event;
import dev.understudy.event.EventHistory;
import dev.understudy.event.EventLog;
import dev.understudy.event.ServerEvent;
import dev.understudy.monitor.FakeProber.Behaviour;
import dev.understudy.monitor.OperatorCommands.Result;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.Snapshot;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchPhase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.regex.MatchResult;
import org.jspecify.annotations.Nullable;

/**
 * Replicas that agree through a register, and see the same servers; {@link Story stories} are
 * played on them. Roots of facts are the replicas' names.
 */
final class Replicas implements AutoCloseable {
  static final Operator BOB = new Operator("bob", null);

  final FakeScheduler scheduler = new FakeScheduler();
  final MemoryStore store = new MemoryStore();
  final FakeProber prober = new FakeProber(scheduler);
  final FakeEndpoints endpoints = new FakeEndpoints();
  private final Map<String, Replica> replicas = new TreeMap<>();
  private final StoryWords words = new StoryWords(replicas::get);
  private final Pool pool;

  Replicas(Pool pool) {
    this.pool = pool;
    verb("start (.*)", on -> each(on.group(1), name -> start(name, register())));
    verb("stop (.*)", on -> each(on.group(1), this::stop));
    verb("wait (.*)", on -> scheduler.advance(StoryWords.time(on.group(1))));
    verb("(\\S+) becomes ([A-Z_]+)", on -> prober.set(on.group(1), Behaviour.valueOf(on.group(2))));
    verb("each (.*)", on -> replicas.keySet().forEach(name -> play(name + "." + on.group(1))));
    verb("all forget", on -> replicas.values().forEach(Replica::told));
    verb("all tell (.*)", on -> allTell(on.group(1)));
    command(
        "(\\w+) switches to (\\S+)",
        on -> monitor(on).commands().switchTo(SENSE, serverOrAuto(on.group(2)), by(on)));
    command(
        "(\\w+) sets (\\S+) to ([A-Z]+)",
        on ->
            monitor(on)
                .commands()
                .setState(
                    SENSE,
                    new ServerId(on.group(2)),
                    OperatorState.valueOf(on.group(3)),
                    false,
                    by(on)));
  }

  Replicas verb(String pattern, Consumer<MatchResult> verb) {
    words.verb(pattern, verb);
    return this;
  }

  Replicas means(String name, String clauses) {
    return verb(name, on -> play(clauses));
  }

  /** Adds a command that is done within a second, or whose result {@code ->} says. */
  Replicas command(String pattern, Stage.Command command) {
    return verb(
        pattern + "(?: by (?<by>alice|bob))?(?: -> (?<result>\\w+))?",
        on -> {
          CompletionStage<Result> result = command.given(on);
          boolean done = on.group("result") == null;
          scheduler.advance(Duration.ofSeconds(done ? 1 : 5));
          assertThat(Stage.said(result.toCompletableFuture().join()))
              .startsWith(done ? "done" : on.group("result"));
        });
  }

  void play(Story story) {
    words.play(story);
  }

  void play(String line) {
    words.play(line);
  }

  Register register() {
    return new MemoryRegister(store, "understudy", scheduler::execute);
  }

  void start(String name, Register register) {
    replicas.put(name, new Replica(name, register));
  }

  private void stop(String name) {
    Objects.requireNonNull(replicas.remove(name)).monitor.close();
  }

  private static void each(String names, Consumer<String> act) {
    List.of(names.split(" ")).forEach(act);
  }

  private void allTell(String acts) {
    replicas.forEach(
        (name, each) -> assertThat(String.join(", ", each.told())).as(name).isEqualTo(acts));
  }

  /** Gives a replica, the one that a clause names first, another file. */
  void apply(MatchResult on, Pool... file) {
    Objects.requireNonNull(replicas.get(on.group(1)), on.group(1)).apply(List.of(file));
  }

  /** Gives all replicas another file. */
  void apply(Pool... file) {
    replicas.values().forEach(replica -> replica.apply(List.of(file)));
  }

  /** The one that a clause names first. */
  Monitor monitor(MatchResult on) {
    return monitor(on.group(1));
  }

  QuorumAgreement agreement(String name) {
    return Objects.requireNonNull(replicas.get(name), name).agreement;
  }

  Monitor monitor(String name) {
    return Objects.requireNonNull(replicas.get(name), name).monitor;
  }

  private static @Nullable ServerId serverOrAuto(String name) {
    return name.equals("auto") ? null : new ServerId(name);
  }

  static @Nullable Operator by(MatchResult on) {
    String by = on.group("by");
    return by == null ? null : by.equals("bob") ? BOB : Bench.ALICE;
  }

  @Override
  public void close() {
    replicas.values().forEach(replica -> replica.monitor.close());
  }

  /** One replica, as a process of its own would be. */
  final class Replica {
    private final EventHistory events = new EventHistory(scheduler);
    private final QuorumAgreement agreement;
    private final Monitor monitor;
    private List<Pool> file = List.of();
    private long seen;

    private Replica(String name, Register register) {
      String run = name + "#" + scheduler.now();
      QuorumSettings settings =
          new QuorumSettings(name, run, "", Duration.ofSeconds(2), OnLoss.LOCAL);
      agreement = new QuorumAgreement(register, settings, Bench.NO_JITTER, scheduler.now());
      monitor =
          Monitor.builder(prober, new FakeResolver())
              .agreement(agreement)
              .endpoints(endpoints)
              .events(events)
              .random(Bench.NO_JITTER)
              .build(new OwnThread(scheduler));
      monitor.subscribe(this::published);
      apply(List.of(pool));
    }

    /** All event loops see a pause at once. */
    private void published(Snapshot snapshot) {
      for (PoolState each : snapshot.pools()) {
        PlannedSwitch planned = each.planned();
        if (planned != null && each.paused()) {
          scheduler.execute(() -> monitor.paused(each.pool().id(), planned.id()));
        }
      }
    }

    /** The first one of its file. */
    public PoolState pool() {
      return Objects.requireNonNull(monitor.current().pool(file.getFirst().id()), "the pool");
    }

    public ServerState sen2() {
      return Objects.requireNonNull(pool().server(SensePool.MASTER));
    }

    /** As a file is applied: first beside the pools before it, which then go. */
    void apply(List<Pool> next) {
      Map<PoolId, Pool> both = new LinkedHashMap<>();
      Set<PoolId> going = new HashSet<>();
      file.forEach(pool -> both.put(pool.id(), pool));
      going.addAll(both.keySet());
      next.forEach(pool -> going.remove(pool.id()));
      next.forEach(pool -> both.putIfAbsent(pool.id(), pool));
      file = next;
      monitor.apply(List.copyOf(both.values()), going);
      monitor.apply(next);
    }

    /** Of the planned switch. */
    public SwitchPhase phase() {
      return Objects.requireNonNull(pool().planned()).phase();
    }

    public String why() {
      return Objects.requireNonNull(pool().planned()).why();
    }

    public @Nullable ServerId serving() {
      ServerState serving = pool().serving();
      return serving == null ? null : serving.server().id();
    }

    private <E extends Event> List<E> all(Class<E> type) {
      return events.newest(null, EventLog.CAPACITY).stream()
          .map(EventLog.Entry::event)
          .filter(type::isInstance)
          .map(type::cast)
          .toList();
    }

    public List<Event.TwoPrimaries> twoPrimaries() {
      return all(Event.TwoPrimaries.class);
    }

    /** Who set the master's state, as the pool's document shows it. */
    public ServerState.OperatorAct master() {
      return Objects.requireNonNull(pool().server(SensePool.MASTER)).operatorAct();
    }

    public Event.Switched lastSwitch() {
      return all(Event.Switched.class).getLast();
    }

    public Event.Pinned lastPin() {
      return all(Event.Pinned.class).getLast();
    }

    /** What operators did since the last call, and the switches. */
    public List<String> told() {
      List<String> acts = new ArrayList<>();
      for (EventLog.Entry entry : events.newest(null, EventLog.CAPACITY)) {
        String act = entry.id() <= seen ? null : act(entry.event());
        seen = Math.max(seen, entry.id());
        if (act != null) {
          acts.add(act);
        }
      }
      return acts;
    }

    private static @Nullable String act(Event event) {
      return switch (event) {
        case Event.Switched e -> "Switched " + e.to() + " " + e.reason() + by(e.operator());
        case Event.Pinned e -> "Pinned " + e.server() + by(e.operator());
        case ServerEvent.PoolStateChanged e -> "PoolStateChanged " + e.to() + by(e.operator());
        case ServerEvent.OperatorStateChanged e ->
            "OperatorStateChanged " + e.server() + " " + e.to() + by(e.operator());
        default -> null;
      };
    }

    private static String by(@Nullable Operator operator) {
      return " by " + (operator == null ? "nobody" : operator);
    }
  }

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
    public Duration ahead() {
      return all.ahead();
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
}
