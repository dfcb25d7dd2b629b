package dev.understudy.role;

import dev.understudy.pool.ServerId;
import dev.understudy.switchover.HookAttempts;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchFacts.Call;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The calls of hooks that this replica makes.
 *
 * @param running the calls that have not ended, by number, of any epoch
 * @param next the number of the next call
 * @param attempts what became of the calls that are due without a plan, in the present turn
 * @param reported the outcome of each that was told last
 */
record HookProgress(
    Map<Long, Running> running,
    long next,
    Map<Duty, HookAttempts> attempts,
    Map<Duty, Call> reported,
    Turn turn) {
  static final HookProgress NONE =
      new HookProgress(Map.of(), 0, Map.of(), Map.of(), new Turn(0, -1, null, 0));

  /** A call that is due, as long as what calls for it lasts. */
  record Duty(boolean promote, ServerId server) {}

  /**
   * A call that has not ended.
   *
   * @param duty what it is made for; null if a planned switch makes it
   * @param planned the switch that makes it, in its phase; null if none does
   */
  record Running(ServerId server, @Nullable Duty duty, @Nullable PlannedSwitch planned) {}

  /**
   * The time in which the calls are this replica's.
   *
   * @param epoch the epoch that they announce
   * @param passed how often they had been passed on before; negative if not known
   * @param since when it began; null if the calls are not this replica's
   * @param inVain calls in vain, in succession, at servers that were to be promoted before they
   *     serve
   */
  record Turn(long epoch, int passed, @Nullable Instant since, int inVain) {}

  HookProgress {
    running = Map.copyOf(running);
    attempts = Map.copyOf(attempts);
    reported = Map.copyOf(reported);
  }

  /** Whether a call runs at that server. */
  boolean isCalled(ServerId server) {
    return running.values().stream().anyMatch(each -> each.server().equals(server));
  }

  /** Whether a call runs at a server of that switch. */
  boolean isCalling(PlannedSwitch planned) {
    return isCalled(planned.from()) || isCalled(planned.to());
  }

  HookProgress begun(Running call) {
    Map<Long, Running> calls = new HashMap<>(running);
    calls.put(next, call);
    return new HookProgress(calls, next + 1, attempts, reported, turn);
  }

  HookProgress ended(long number) {
    Map<Long, Running> calls = new HashMap<>(running);
    calls.remove(number);
    return new HookProgress(calls, next, attempts, reported, turn);
  }

  HookProgress with(Map<Duty, HookAttempts> made, Map<Duty, Call> told) {
    return new HookProgress(running, next, made, told, turn);
  }

  HookProgress with(Duty duty, HookAttempts made) {
    Map<Duty, HookAttempts> all = new HashMap<>(attempts);
    all.put(duty, made);
    return with(all, reported);
  }

  HookProgress with(Turn now) {
    return new HookProgress(running, next, attempts, reported, now);
  }

  HookProgress inVain(int calls) {
    return with(new Turn(turn.epoch(), turn.passed(), turn.since(), calls));
  }
}
