package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.SENSE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.Agreement;
import dev.understudy.agreement.StandaloneAgreement;
import dev.understudy.failover.SwitchReason;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.monitor.Event.Switched;
import dev.understudy.monitor.OperatorCommands.Result;
import dev.understudy.pool.MassFailurePolicy;
import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.SwitchFacts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A monitor in a world whose time the test moves: servers, names, events. */
final class Bench implements AutoCloseable {
  /** In the middle: no jitter. */
  static final RandomGenerator NO_JITTER = () -> 1L << 63;

  final FakeScheduler scheduler = new FakeScheduler();
  final FakeProber prober = new FakeProber(scheduler);
  final FakeResolver resolver = new FakeResolver();
  final EventHistory events = new EventHistory(scheduler);

  /** The outcomes that probe listeners were told, in order. */
  final List<ProbeOutcome> outcomes = new ArrayList<>();

  /** Calls of hooks, each with the future that the test completes. */
  final List<HookCall> hookCalls = new ArrayList<>();

  final List<CompletableFuture<HookCaller.Result>> hookResults = new ArrayList<>();

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
    monitor =
        Monitor.builder(prober, resolver)
            .agreement(agreement)
            .events(events)
            .random(random)
            .hooks(this::hook)
            .doubt(doubt)
            .vitals(() -> CompletableFuture.completedFuture(new Vitals(12, 34, 2, 56, 400)))
            .probeListener((pool, server, outcome, took) -> outcomes.add(outcome))
            .build(scheduler);
    scheduler.settle();
  }

  private CompletableFuture<HookCaller.Result> hook(HookCall call) {
    CompletableFuture<HookCaller.Result> result = new CompletableFuture<>();
    hookCalls.add(call);
    hookResults.add(result);
    return result;
  }

  /** The last call of a hook ends so. */
  void hookEnds(SwitchFacts.Call outcome) {
    hookResults.getLast().complete(new HookCaller.Result(outcome, "a test", Duration.ZERO));
    scheduler.settle();
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
    scheduler.settle();
    assertThat(command.toCompletableFuture()).isCompleted();
    return command.toCompletableFuture().join();
  }

  List<Event> events() {
    return events.newest(null, EventLog.CAPACITY).stream().map(EventLog.Entry::event).toList();
  }

  List<Switched> switches() {
    return events().stream().filter(Switched.class::isInstance).map(Switched.class::cast).toList();
  }

  List<SwitchReason> reasons() {
    return switches().stream().map(Switched::reason).toList();
  }

  @Override
  public void close() {
    monitor.close();
  }
}
