package dev.understudy.monitor;

import static dev.understudy.monitor.SimWorld.MS;
import static dev.understudy.monitor.SimWorld.SECOND;
import static dev.understudy.monitor.SimWorld.require;

import dev.understudy.pool.HookSettings;
import dev.understudy.switchover.SwitchFacts.Call;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * What hooks do to a simulation's servers: they take a while, succeed, refuse, or do not respond,
 * although they may have been carried out. What the servers were told is kept.
 */
final class SimHooks {
  private final SimWorld world;

  /** The latest epoch of which a call began at each server. */
  private final Map<String, Long> latest = new HashMap<>();

  /** Calls that were carried out: the hook, its server and its epoch. */
  private final Set<String> carriedOut = new HashSet<>();

  private HookSettings set = HookSettings.NONE;
  private long doctoredAt = -60 * SECOND;

  SimHooks(SimWorld world) {
    this.world = world;
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

  CompletableFuture<HookCaller.Result> call(SimReplica replica, HookCall call) {
    String server = call.server().id().value();
    long before = latest.getOrDefault(server, 0L);
    world.tell(
        replica.name + " calls " + call.hook() + " of " + server + ", epoch " + call.epoch());
    require(
        call.epoch() >= before || world.now() - doctoredAt < 60 * SECOND,
        server + " is told epoch " + call.epoch() + " after " + before);
    latest.put(server, Math.max(before, call.epoch()));
    CompletableFuture<HookCaller.Result> done = new CompletableFuture<>();
    int luck = world.random.nextInt(100);
    long takes =
        Math.min(
            world.chance(80) ? world.millis(1, 300) : world.millis(300, 8_000),
            call.within().toNanos());
    Call outcome = luck < 75 ? Call.DONE : luck < 88 ? Call.REFUSED : Call.UNCERTAIN;
    boolean works = outcome == Call.DONE || (outcome == Call.UNCERTAIN && world.chance(50));
    world.in(
        takes,
        () -> {
          if (works) {
            carriedOut.add(call.hook() + " " + server + " " + call.epoch());
          }
        });
    world.in(
        takes + MS,
        () ->
            replica.deliver(
                () -> done.complete(new HookCaller.Result(outcome, "simulated", Duration.ZERO))));
    return done;
  }
}
