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
 * @param attempts what became of the calls that are due without a plan
 * @param reported the outcome of each that was told last
 * @param epoch the epoch that the attempts announce
 * @param inVain calls in vain, in succession, at servers that were to be promoted before they serve
 * @param firstSince since when the calls have been this replica's; null if they are not
 * @param passed how often the calls had been passed on before the present turn; negative if not
 *     known
 * @param next the number of the next call
 */
record HookProgress(
    Map<Long, Running> running,
    Map<Duty, HookAttempts> attempts,
    Map<Duty, Call> reported,
    long epoch,
    int inVain,
    @Nullable Instant firstSince,
    int passed,
    long next) {
  private static final int UNKNOWN = -1;

  static final HookProgress NONE =
      new HookProgress(Map.of(), Map.of(), Map.of(), 0, 0, null, UNKNOWN, 0);

  /** A call that is due, as long as what calls for it lasts. */
  record Duty(boolean promote, ServerId server) {}

  /**
   * A call that has not ended.
   *
   * @param duty what it is made for; null if a planned switch makes it
   * @param planned the switch that makes it, in its phase; null if none does
   */
  record Running(ServerId server, @Nullable Duty duty, @Nullable PlannedSwitch planned) {}

  HookProgress {
    running = Map.copyOf(running);
    attempts = Map.copyOf(attempts);
    reported = Map.copyOf(reported);
  }

  /** Whether a call runs at that server. */
  boolean isCalled(ServerId server) {
    return running.values().stream().anyMatch(each -> each.server().equals(server));
  }

  HookProgress begun(Running call) {
    Map<Long, Running> calls = new HashMap<>(running);
    calls.put(next, call);
    return new HookProgress(calls, attempts, reported, epoch, inVain, firstSince, passed, next + 1);
  }

  HookProgress ended(long number) {
    Map<Long, Running> calls = new HashMap<>(running);
    calls.remove(number);
    return new HookProgress(calls, attempts, reported, epoch, inVain, firstSince, passed, next);
  }

  HookProgress with(Map<Duty, HookAttempts> made) {
    return new HookProgress(running, made, reported, epoch, inVain, firstSince, passed, next);
  }

  HookProgress with(Duty duty, HookAttempts made) {
    Map<Duty, HookAttempts> all = new HashMap<>(attempts);
    all.put(duty, made);
    return with(all);
  }

  HookProgress reported(Map<Duty, Call> told) {
    return new HookProgress(running, attempts, told, epoch, inVain, firstSince, passed, next);
  }

  HookProgress inVain(int calls) {
    return new HookProgress(running, attempts, reported, epoch, calls, firstSince, passed, next);
  }

  HookProgress first(@Nullable Instant since) {
    int calls = since == null ? 0 : inVain;
    return new HookProgress(running, attempts, reported, epoch, calls, since, passed, next);
  }

  /** Without attempts, as those are of another epoch or turn. */
  HookProgress anew(long announced, int passedOn) {
    int calls = passedOn == passed ? inVain : 0;
    return new HookProgress(
        running, Map.of(), Map.of(), announced, calls, firstSince, passedOn, next);
  }
}
