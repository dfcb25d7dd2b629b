package dev.understudy.monitor;

import dev.understudy.switchover.SwitchFacts;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Calls the hooks of pools. */
public interface HookCaller {
  /** Refuses every call. */
  HookCaller NONE =
      call ->
          CompletableFuture.completedFuture(
              new Result(SwitchFacts.Call.REFUSED, "no hooks can be called", Duration.ZERO));

  /**
   * What came of a call.
   *
   * @param outcome never RUNNING
   * @param detail for people, on one line
   */
  record Result(SwitchFacts.Call outcome, String detail, Duration took) {
    /** The same if the call may have been made before: what is refused now may have been done. */
    Result ofRepeatedCall() {
      return outcome == SwitchFacts.Call.REFUSED
          ? new Result(SwitchFacts.Call.UNCERTAIN, detail, took)
          : this;
    }

    /** A call that this process failed to make, or to follow. */
    static Result failed(String why) {
      return new Result(SwitchFacts.Call.UNCERTAIN, why, Duration.ZERO);
    }
  }

  /** Calls a hook once; never blocks. */
  CompletableFuture<Result> call(HookCall call);

  /**
   * Why a call could not be made now, for people: its host has no address, or its program is not
   * there. Empty if nothing is wrong as far as can be seen without calling. Never blocks.
   */
  default CompletableFuture<String> problem(HookCall call) {
    return CompletableFuture.completedFuture("");
  }
}
