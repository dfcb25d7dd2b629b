package dev.understudy.monitor;

import static dev.understudy.monitor.SimWorld.MS;
import static dev.understudy.monitor.SimWorld.SECOND;
import static dev.understudy.monitor.SimWorld.require;

import dev.understudy.failover.SwitchReason;
import dev.understudy.pool.HookSettings;
import dev.understudy.pool.ServerId;
import dev.understudy.snapshot.PoolState;
import dev.understudy.switchover.HookCall;
import dev.understudy.switchover.HookResult;
import dev.understudy.switchover.SwitchFacts.Call;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What hooks do to a simulation's servers: they take a while, succeed, refuse, or do not respond,
 * although they may have been carried out. What the servers were told is kept.
 */
final class SimHooks {
  private static final Set<String> FAILURES =
      Set.of(
          SwitchReason.HEALTH_CHECK_FAILED.name(),
          SwitchReason.CONNECTION_FAILED.name(),
          SwitchReason.NO_SERVER.name());

  /** The waits allow fewer, but begin anew when the replica is back in touch. */
  private static final int MOST_IN_A_MINUTE = 12;

  private final SimWorld world;

  /** The latest epoch of which a call began at each server. */
  private final Map<String, Long> latest = new HashMap<>();

  /** Calls that were carried out: the hook, its server and its epoch. */
  private final Set<String> carriedOut = new HashSet<>();

  /** The addresses of servers that a planned fence has stopped. */
  private final Set<String> fenced = new HashSet<>();

  /** When each server was to go on after a planned switch in vain. */
  private final Map<String, Long> restored = new HashMap<>();

  /** Until when something else may make a server fail, or the role move. */
  private long disturbedUntil;

  private HookSettings set = HookSettings.NONE;
  private long doctoredAt = -60 * SECOND;
  private long calls;

  /** The last move of the role without a plan: the servers, and the epoch; 0 after another. */
  private String left = "";

  private String taken = "";
  private long movedIn;

  private long activeAt;

  /** The epoch in which {@link #left} was left. */
  private long leftIn;

  /** The epoch in which {@link #taken} was left for no server; 0 while it has the role. */
  private long leavingIn;

  /** When calls of each hook, server and epoch began, and by whom. */
  private final Map<String, List<Long>> begun = new HashMap<>();

  /** A call that has not ended at its server. */
  private record Running(SimReplica by, HookCall call) {}

  private final Set<Running> running = new HashSet<>();

  /**
   * The replica whose calls all fail: its way to the servers' network is closed, or a key is not
   * there.
   */
  private String failing = "";

  /** The addresses of hosts that are gone: what is called there hangs, and does nothing. */
  private final Set<String> gone = new HashSet<>();

  SimHooks(SimWorld world) {
    this.world = world;
  }

  /** A host is gone, or back. */
  void gone(String address, boolean is) {
    if (is) {
      gone.add(address);
    } else {
      gone.remove(address);
    }
  }

  /** What becomes of a call: how long it takes, and its outcome. */
  record Fate(long takes, Call outcome) {}

  /** Says what becomes of calls; null for what chance says. */
  interface Script {
    @Nullable Fate fate(SimReplica replica, HookCall call);
  }

  private Script script = (replica, call) -> null;

  /** Takes the fate of calls from that script from now on. */
  void follow(Script next) {
    script = next;
  }

  /** The replicas whose calls of that hook at that server have not ended. */
  List<SimReplica> calling(String hook, String server) {
    return running.stream()
        .filter(each -> each.call().hook().equals(hook))
        .filter(each -> each.call().server().id().value().equals(server))
        .map(Running::by)
        .toList();
  }

  /** All calls of that replica fail from now on. */
  void fail(String replica) {
    failing = replica;
  }

  /**
   * A planned switch calls no hook while another runs at that server which a replica called that is
   * well: it would have awaited it. For the call of a process that was handed over its successor's
   * own waits, by {@code RunningCalls}, which does not run here.
   */
  private void checkAlone(SimReplica replica, HookCall call) {
    for (Running other : running) {
      require(
          other.call().planned()
              || !other.call().server().equals(call.server())
              || !other.by().isRunning()
              || other.by().isExcused()
              || other.by().leaving
              || replica.isExcused(),
          "a planned switch calls %s of %s while %s of %s runs"
              .formatted(call.hook(), call.server().id(), other.call().hook(), other.by().name));
    }
  }

  /** The record was written by hand, which may set epochs back. */
  void doctored() {
    doctoredAt = world.now();
    latest.clear();
  }

  /** The hooks that the pool has. */
  void set(HookSettings settings) {
    set = settings;
  }

  boolean isSet(String hook) {
    return set.of(hook.equals("promote")) != null;
  }

  /** Whether a server carried a call out. */
  boolean wasCarriedOut(String hook, String server, long epoch) {
    return carriedOut.contains(hook + " " + server + " " + epoch);
  }

  /** The number of calls so far. */
  long calls() {
    return calls;
  }

  /**
   * A server that serves is not fenced, another is not promoted, and one replica does not call more
   * often than the waits allow.
   */
  private void checkOwed(SimReplica replica, HookCall call) {
    String server = call.server().id().value();
    boolean promote = call.hook().equals("promote");
    PoolState pool = Objects.requireNonNull(replica.pool());
    require(
        promote == call.server().id().equals(call.to()),
        call.hook() + " of " + server + " while " + call.to() + " is to serve");
    require(!pool.paused(), call.hook() + " of " + server + " while clients are held");
    require(
        pool.serving() == null || promote == pool.isServing(call.server().id()),
        call.hook() + " of " + server + " while " + replica.serving() + " serves");
    String key =
        replica.name + replica.born + " " + call.hook() + " " + call.epoch() + " " + server;
    List<Long> times = begun.computeIfAbsent(key, any -> new ArrayList<>());
    times.removeIf(time -> world.now() - time > 60 * SECOND);
    times.add(world.now());
    require(
        times.size() <= MOST_IN_A_MINUTE,
        key + " was called " + times.size() + " times within a minute");
  }

  /** Whether a fence has stopped the server there. */
  boolean isFenced(String address) {
    return fenced.contains(address);
  }

  /** Something makes a server fail, or the role move, for that long. */
  void disturbed(long lasts) {
    disturbedUntil = Math.max(disturbedUntil, world.now() + lasts + 8 * SECOND);
  }

  /** When the role moved or a hook was called last. */
  long activeAt() {
    return activeAt;
  }

  boolean isDisturbed() {
    return world.now() < disturbedUntil;
  }

  /** A planned switch ended in vain. */
  void ended(String from) {
    restored.put(from, world.now());
  }

  /** The role moved to that server, or to none. */
  void moved(String to, long epoch, boolean planned, String reason) {
    require(
        planned
            || !FAILURES.contains(reason)
            || isDisturbed()
            || world.now() - restored.getOrDefault(taken, -60 * SECOND) > 6 * SECOND,
        "the fence of " + taken + " counts as its failure");
    leavingIn = leavingIn == 0 ? epoch : leavingIn;
    activeAt = world.now();
    if (to.isEmpty()) {
      return;
    }
    leftIn = leavingIn;
    leavingIn = 0;
    left = taken;
    taken = to;
    movedIn = planned || left.isEmpty() ? 0 : epoch;
  }

  /** All that was owed is done, unless nobody serves; and it was called. */
  void checkEnd(List<SimReplica> replicas) {
    for (SimReplica replica : replicas) {
      PoolState pool = Objects.requireNonNull(replica.pool());
      boolean lasts = pool.serving() != null && pool.epoch() == movedIn && doctoredAt < 0;
      require(
          !lasts || !isSet("promote") || latest.getOrDefault(taken, 0L) >= movedIn,
          taken + " was not told that it serves in epoch " + movedIn);
      require(
          !lasts
              || !isSet("demote")
              || left.equals(taken)
              || pool.server(new ServerId(left)) == null
              || latest.getOrDefault(left, 0L) >= leftIn,
          left + " was not told that it does not serve in epoch " + movedIn);
      require(
          pool.serving() == null || pool.owed().count() == 0,
          replica.name + " knows of hooks that are owed: " + pool.owed());
    }
  }

  CompletableFuture<HookResult> call(SimReplica replica, HookCall call) {
    String server = call.server().id().value();
    long before = latest.getOrDefault(server, 0L);
    world.tell(
        replica.name + " calls " + call.hook() + " of " + server + ", epoch " + call.epoch());
    require(
        call.epoch() >= before || world.now() - doctoredAt < 60 * SECOND,
        server + " is told epoch " + call.epoch() + " after " + before);
    latest.put(server, Math.max(before, call.epoch()));
    calls++;
    activeAt = world.now();
    if (call.planned()) {
      checkAlone(replica, call);
    } else {
      checkOwed(replica, call);
    }
    Running runs = new Running(replica, call);
    running.add(runs);
    CompletableFuture<HookResult> done = new CompletableFuture<>();
    Fate fate = fate(replica, call);
    long takes = fate.takes();
    Call outcome = fate.outcome();
    String address = call.server().address().host();
    boolean there = !gone.contains(address);
    boolean works =
        outcome == Call.DONE || (outcome == Call.UNCERTAIN && world.chance(50) && there);
    boolean stops = call.planned() && !call.promote() && (works || world.chance(50));
    world.in(
        takes / 2,
        () -> {
          if (stops && latest.getOrDefault(server, 0L) == call.epoch()) {
            fenced.add(address); // It heeds no older epoch.
          }
        });
    world.in(
        takes,
        () -> {
          running.remove(runs);
          if (works) {
            carriedOut.add(call.hook() + " " + server + " " + call.epoch());
          }
          if (works == call.promote()) {
            fenced.remove(address); // Promoted, or started again.
          } else if (!isSet("promote")) {
            disturbed(15 * SECOND);
          }
        });
    world.in(15 * SECOND, () -> fenced.remove(address));
    world.in(
        takes + MS,
        () ->
            replica.deliver(
                () -> done.complete(new HookResult(outcome, "simulated", Duration.ZERO))));
    return done;
  }

  private Fate fate(SimReplica replica, HookCall call) {
    Fate scripted = script.fate(replica, call);
    if (scripted != null) {
      return new Fate(Math.min(scripted.takes(), call.within().toNanos()), scripted.outcome());
    }
    if (gone.contains(call.server().address().host())) {
      return new Fate(Math.min(5 * SECOND, call.within().toNanos()), Call.UNCERTAIN);
    }
    boolean fails = replica.name.equals(failing);
    int luck = fails ? 80 + world.random.nextInt(20) : world.random.nextInt(100);
    boolean hangs = world.chance(5);
    long takes =
        hangs ? 25 * SECOND : world.chance(80) ? world.millis(1, 300) : world.millis(300, 8_000);
    Call outcome =
        hangs ? Call.UNCERTAIN : luck < 75 ? Call.DONE : luck < 88 ? Call.REFUSED : Call.UNCERTAIN;
    return new Fate(Math.min(takes, call.within().toNanos()), outcome);
  }
}
