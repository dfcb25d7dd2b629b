package dev.understudy.monitor;

import dev.understudy.agreement.quorum.QuorumAgreement;
import dev.understudy.agreement.quorum.QuorumSettings;
import dev.understudy.agreement.quorum.QuorumSettings.OnLoss;
import dev.understudy.event.EventHistory;
import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerId;
import dev.understudy.probe.Prober;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One replica of a simulation: the real monitor and agreement, with clocks and ways of its own. */
final class SimReplica implements Scheduler, Prober {
  private static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");

  final String name;
  final SimVersion version;
  final SimRegister register;
  final Set<String> cutServers = new HashSet<>();
  final QuorumAgreement agreement;
  final Monitor monitor;
  final SimTraffic traffic;
  final SimStarvation starvation;
  final EventHistory events;
  final long born;
  private final String incarnation;
  private final SimWorld world;
  private final Map<String, FakeProber.Behaviour> servers;
  private final SimHooks hooks;
  private final double rate;
  private final Instant wallStart;
  private final Deque<Runnable> lateTimers = new ArrayDeque<>();
  private final Deque<Runnable> lateInput = new ArrayDeque<>();
  private final List<String> refusals = new ArrayList<>();
  private long nextTask;

  /** What its monotonic clock shows while it stands still. */
  private @Nullable Long frozen;

  /** For how long that clock has stood still. */
  private long stood;

  /** By how much its clock on the wall was set. */
  private Duration corrected = Duration.ZERO;

  /** Whether its thread has little time, too. */
  boolean slow;

  boolean alive = true;
  boolean paused;
  boolean leaving;

  /** Whether another process of this replica answers for what runs here. */
  boolean handed;

  /** Until when what this replica does is excused by a fault that was its own. */
  long excusedUntil;

  Pool file;

  SimReplica(
      SimWorld world,
      SimStore store,
      String name,
      String pod,
      OnLoss onLoss,
      Pool file,
      Map<String, FakeProber.Behaviour> servers,
      SimHooks hooks) {
    this(world, store, name, pod, onLoss, file, servers, hooks, name + "#" + world.now(), false);
  }

  /** The next process of a replica, which follows the one before. */
  static SimReplica next(SimReplica before, SimStore store, String pod, OnLoss onLoss, Pool file) {
    return new SimReplica(
        before.world,
        store,
        before.name,
        pod,
        onLoss,
        file,
        before.servers,
        before.hooks,
        before.incarnation,
        true);
  }

  private SimReplica(
      SimWorld world,
      SimStore store,
      String name,
      String pod,
      OnLoss onLoss,
      Pool file,
      Map<String, FakeProber.Behaviour> servers,
      SimHooks hooks,
      String incarnation,
      boolean follows) {
    this.incarnation = incarnation;
    this.version = world.version();
    this.world = world;
    this.name = name;
    this.servers = servers;
    this.hooks = hooks;
    this.file = file;
    this.born = world.now();
    this.rate = 1 + (world.random.nextDouble() - 0.5) * 0.01;
    this.wallStart = EPOCH.plusSeconds(world.random.nextInt(7_200) - 3_600);
    this.register = new SimRegister(world, store, this);
    Random random = new Random(world.random.nextLong());
    this.events = new EventHistory(this::now);
    this.agreement =
        new QuorumAgreement(
            register,
            new QuorumSettings(name, incarnation, pod, Duration.ofSeconds(2), onLoss),
            random,
            now());
    this.starvation = new SimStarvation(world, this, agreement);
    if (follows) {
      agreement.follow();
    }
    this.monitor =
        Monitor.builder(
                this,
                (host, done) -> {
                  done.accept(List.of());
                  return () -> {};
                })
            .agreement(starvation.between())
            .events(events)
            .random(random)
            .hooks(call -> hooks.call(this, call))
            .refused(refusals::add)
            .build(this);
    this.traffic = new SimTraffic(world, this);
    monitor.subscribe(traffic::published);
    monitor.apply(List.of(file));
  }

  boolean isRunning() {
    return alive && !paused;
  }

  boolean isExcused() {
    return register.isCut() || paused || world.now() < excusedUntil;
  }

  /** From now on, for so long. */
  void excuse(long lasts) {
    excusedUntil = Math.max(excusedUntil, world.now() + lasts);
  }

  List<String> refusals() {
    return refusals;
  }

  void take(Pool next) {
    file = next;
    if (alive) {
      monitor.apply(List.of(next));
    }
  }

  /** kill -9. */
  void kill() {
    alive = false;
    register.close();
  }

  /** Hands over to the next process, and ends a while later. */
  void handOver(SimReplica next) {
    leaving = true;
    handed = true;
    agreement.follow();
    next.agreement.lead();
    end();
  }

  /** SIGTERM; it ends a while later. */
  void leave() {
    leaving = true;
    agreement.leave();
    end();
  }

  /** Ends a while later; some lose the store meanwhile, for good or not. */
  private void end() {
    if (world.chance(40)) {
      world.in(world.millis(0, 3_000), () -> register.cut = true);
      world.in(
          world.millis(4_000, 25_000),
          () -> {
            register.cut = false;
            excuse(AgreementSimulation.RETURN);
          });
    }
    world.in(world.millis(1_000, 30_000), this::stop);
  }

  /** Its clients are gone, which it tells the others, or its time is over. */
  private void stop() {
    if (handed || world.chance(20)) {
      kill();
      return;
    }
    traffic.drained();
    agreement.depart();
    world.in(world.millis(10, 200), this::kill);
  }

  /**
   * Stands still for a while.
   *
   * @param suspended whether its monotonic clock does too, and the one on the wall does not
   */
  void pause(long nanos, boolean suspended) {
    paused = true;
    frozen = suspended ? local() : null;
    world.in(nanos, this::resume);
  }

  private void resume() {
    paused = false;
    if (frozen != null) {
      long since = frozen;
      frozen = null;
      stood += local() - since;
    }
    boolean timersFirst = world.random.nextBoolean();
    Deque<Runnable> first = timersFirst ? lateTimers : lateInput;
    Deque<Runnable> second = timersFirst ? lateInput : lateTimers;
    List<Runnable> late = new ArrayList<>(first);
    late.addAll(second);
    lateTimers.clear();
    lateInput.clear();
    late.forEach(task -> world.in(0, () -> run(task, lateTimers)));
  }

  /** Input from outside of the process, on a thread of its own. */
  void deliver(Runnable input) {
    run(input, lateInput);
  }

  private void run(Runnable task, Deque<Runnable> late) {
    if (!alive) {
      return;
    }
    if (paused) {
      late.add(task);
    } else {
      task.run();
    }
  }

  @Override
  public Instant now() {
    return wallStart.plusNanos(local());
  }

  @Override
  public long nanoTime() {
    return 1_000_000_000_000L + local();
  }

  private long local() {
    return frozen == null ? Math.round((world.now() - born) * rate) - stood : frozen;
  }

  @Override
  public Duration ahead() {
    return corrected.plusNanos(stood);
  }

  /** Its clock on the wall is set. */
  void correct(Duration by) {
    corrected = corrected.plus(by);
  }

  /** Tasks run in their order, at times later than they could: the thread is busy with others. */
  @Override
  public void execute(Runnable task) {
    long late = slow ? world.millis(1, 60) : world.chance(20) ? world.millis(1, 20) : 0;
    nextTask = Math.max(nextTask, world.now() + late);
    world.at(nextTask, () -> run(task, lateTimers));
  }

  @Override
  public Timer schedule(Duration delay, Runnable task) {
    boolean[] cancelled = new boolean[1];
    long wait = Math.max(0, Math.round(delay.toNanos() / rate));
    world.in(
        wait,
        () ->
            run(
                () -> {
                  if (!cancelled[0]) {
                    task.run();
                  }
                },
                lateTimers));
    return () -> cancelled[0] = true;
  }

  @Override
  public void close() {
    alive = false;
  }

  @Override
  public InFlight probe(Request request, Consumer<Observation.Probe> done) {
    String address = request.address().getHostAddress();
    FakeProber.Behaviour behaviour =
        cutServers.contains(address)
            ? FakeProber.Behaviour.BLACK_HOLED
            : hooks.isFenced(address)
                ? FakeProber.Behaviour.KILLED
                : servers.getOrDefault(address, FakeProber.Behaviour.HEALTHY);
    long timeout = request.timeout().toNanos();
    long quick = world.millis(1, 5);
    switch (behaviour) {
      case HEALTHY -> end(quick, request, done, ProbeOutcome.OK, "status 200");
      case ILL -> end(quick, request, done, ProbeOutcome.BAD_STATUS, "status 503");
      case KILLED -> end(quick, request, done, ProbeOutcome.CONNECT_FAILED, "connection refused");
      default -> end(timeout, request, done, ProbeOutcome.TIMED_OUT, "no answer");
    }
    return InFlight.NONE;
  }

  private void end(
      long after,
      Request request,
      Consumer<Observation.Probe> done,
      ProbeOutcome outcome,
      String detail) {
    Observation.Probe probe = new Observation.Probe(request.started(), outcome, detail);
    world.in(after, () -> deliver(() -> done.accept(probe)));
  }

  @Nullable PoolState pool() {
    return monitor.current().pool(file.id());
  }

  /** Where its traffic goes; null: nowhere. */
  @Nullable String serving() {
    PoolState pool = pool();
    ServerState serving = pool == null || pool.holdsAll() ? null : pool.serving();
    return serving == null ? null : serving.server().address().host();
  }

  @Nullable ServerId pinned() {
    PoolState pool = pool();
    return pool == null ? null : pool.pinned();
  }

  long epoch() {
    PoolState pool = pool();
    return pool == null ? 0 : pool.epoch();
  }

  boolean tellsEpoch() {
    PoolState pool = pool();
    ServerState serving = pool == null ? null : pool.serving();
    return serving != null && pool.tellsEpoch(serving);
  }

  boolean sameAs(SimReplica other) {
    return Objects.equals(serving(), other.serving()) && epoch() == other.epoch();
  }
}
