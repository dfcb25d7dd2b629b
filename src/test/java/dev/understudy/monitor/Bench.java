package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.SENSE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.Agreement;
import dev.understudy.agreement.StandaloneAgreement;
import dev.understudy.event.Event;
import dev.understudy.event.Event.Switched;
import dev.understudy.event.EventHistory;
import dev.understudy.event.EventLog;
import dev.understudy.event.Vitals;
import dev.understudy.failover.SwitchReason;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.monitor.OperatorCommands.Result;
import dev.understudy.pool.MassFailurePolicy;
import dev.understudy.pool.Operator;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.switchover.Acknowledgement;
import dev.understudy.switchover.HookCall;
import dev.understudy.switchover.HookResult;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchFacts;
import dev.understudy.switchover.SwitchFacts.Release;
import dev.understudy.testing.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A monitor in a world whose time the test moves: servers, names, events. */
final class Bench implements AutoCloseable {
  /** In the middle: no jitter. */
  static final RandomGenerator NO_JITTER = () -> 1L << 63;

  static final Operator ALICE = new Operator("alice", "disk swap");

  final FakeScheduler scheduler = new FakeScheduler();
  final FakeProber prober = new FakeProber(scheduler);
  final FakeResolver resolver = new FakeResolver();
  final FakeEndpoints endpoints = new FakeEndpoints();
  final EventHistory events = new EventHistory(scheduler);

  /** The outcomes that probe listeners were told, in order. */
  final List<ProbeOutcome> outcomes = new ArrayList<>();

  /** Calls of hooks, each with the future that the test completes. */
  final List<HookCall> hookCalls = new ArrayList<>();

  final List<CompletableFuture<HookResult>> hookResults = new ArrayList<>();

  /** What is wrong with each of the hooks, by their names. */
  final Map<String, String> hookProblems = new HashMap<>();

  /** What the search for problems of hooks waits for. */
  CompletableFuture<String> hookLookup = CompletableFuture.completedFuture("");

  /** The process before and the next one. */
  final Processes processes = new Processes();

  final Agreement agreement;
  final Monitor monitor;

  Bench() {
    this(StandaloneAgreement.inMemory(), NO_JITTER);
  }

  Bench(Agreement agreement, RandomGenerator random) {
    this(agreement, random, MassFailurePolicy.FOLLOW);
  }

  /** One that keeps servers, or not, while most of them failed at once. */
  Bench(MassFailurePolicy doubt) {
    this(StandaloneAgreement.inMemory(), NO_JITTER, doubt);
  }

  private Bench(Agreement agreement, RandomGenerator random, MassFailurePolicy doubt) {
    this.agreement = agreement;
    monitor =
        Monitor.builder(prober, resolver)
            .endpoints(endpoints)
            .agreement(agreement)
            .events(events)
            .random(random)
            .hooks(new Hooks())
            .processes(processes)
            .doubt(doubt)
            .vitals(() -> CompletableFuture.completedFuture(new Vitals(12, 34, 2, 56, 400, "")))
            .probeListener((pool, server, outcome, took) -> outcomes.add(outcome))
            .build(scheduler);
    scheduler.settle();
  }

  private final class Hooks implements HookCaller {
    @Override
    public CompletableFuture<HookResult> call(HookCall call) {
      CompletableFuture<HookResult> result = new CompletableFuture<>();
      hookCalls.add(call);
      hookResults.add(result);
      return result;
    }

    @Override
    public CompletableFuture<String> problem(HookCall call) {
      return hookLookup.thenApply(none -> hookProblems.getOrDefault(call.hook(), ""));
    }
  }

  /** Another process before this one, and what the next one is told. */
  static final class Processes implements OtherProcesses {
    Release before = Release.RELEASED;
    final Map<PoolId, Acknowledgement> told = new HashMap<>();

    @Override
    public Release before(PoolId pool, String planned) {
      return before;
    }

    @Override
    public void tell(PoolId pool, @Nullable Acknowledgement given) {
      told.put(pool, given);
    }
  }

  /** A call of a hook ends so. */
  void hookEnds(int call, SwitchFacts.Call outcome) {
    hookResults.get(call).complete(new HookResult(outcome, "a test", Duration.ZERO));
    scheduler.settle();
  }

  /** The last one does. */
  void hookEnds(SwitchFacts.Call outcome) {
    hookEnds(hookResults.size() - 1, outcome);
  }

  void apply(Pool... pools) {
    CompletionStage<Void> applied = monitor.apply(List.of(pools));
    scheduler.settle();
    assertThat(applied.toCompletableFuture()).isCompleted();
  }

  /** Applies the pools, and waits until all their servers had their first probe. */
  void begin(Pool... pools) {
    apply(pools);
    advance(1_000);
    assertThat(monitor.ready()).isTrue();
  }

  void advance(long millis) {
    scheduler.advance(Duration.ofMillis(millis));
  }

  /** Ms since the beginning. */
  long time() {
    return Duration.between(FakeScheduler.START, scheduler.now()).toMillis();
  }

  PoolState pool() {
    PoolState pool = monitor.current().pool(SENSE);
    assertThat(pool).isNotNull();
    return pool;
  }

  /** The planned switch of the pool. */
  PlannedSwitch planned() {
    PlannedSwitch planned = pool().planned();
    assertThat(planned).isNotNull();
    return planned;
  }

  /** What the data plane reports once all of its event loops hold new requests. */
  void paused() {
    monitor.paused(SENSE, planned().id());
    scheduler.settle();
  }

  ServerState server(ServerId id) {
    ServerState server = pool().server(id);
    assertThat(server).isNotNull();
    return server;
  }

  @Nullable ServerId serving() {
    ServerState serving = pool().serving();
    return serving == null ? null : serving.server().id();
  }

  /** Moves time on, ms by ms, until that server serves; says how many it took. */
  long advanceUntilServing(@Nullable ServerId id) {
    long start = time();
    while (!Objects.equals(id, serving())) {
      assertThat(time() - start).as("ms waited for %s to serve", id).isLessThan(120_000);
      advance(1);
    }
    return time() - start;
  }

  Result result(CompletionStage<Result> command) {
    Await.until(
        "it is done, or written",
        () -> {
          scheduler.settle();
          return command.toCompletableFuture().isDone();
        });
    return command.toCompletableFuture().join();
  }

  List<Event> events() {
    return events.newest(null, EventLog.CAPACITY).stream().map(EventLog.Entry::event).toList();
  }

  /** The events of that kind, as {@link #events()}. */
  <E extends Event> List<E> events(Class<E> type) {
    return events().stream().filter(type::isInstance).map(type::cast).toList();
  }

  List<Switched> switches() {
    return events(Switched.class);
  }

  List<SwitchReason> reasons() {
    return switches().stream().map(Switched::reason).toList();
  }

  @Override
  public void close() {
    monitor.close();
  }
}
