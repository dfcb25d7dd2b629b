package dev.understudy.monitor;

import dev.understudy.switchover.HookCall;
import dev.understudy.switchover.HookResult;
import dev.understudy.switchover.SwitchFacts;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Calls the hooks of pools. */
public interface HookCaller {
  /** Refuses every call. */
  HookCaller NONE =
      call ->
          CompletableFuture.completedFuture(
              new HookResult(SwitchFacts.Call.REFUSED, "no hooks can be called", Duration.ZERO));

  /** Calls a hook once; never blocks. */
  CompletableFuture<HookResult> call(HookCall call);

  /**
   * Why a call could not be made now, for people: its host has no address, or its program is not
   * there. Empty if nothing is wrong as far as can be seen without calling. Never blocks.
   */
  default CompletableFuture<String> problem(HookCall call) {
    return CompletableFuture.completedFuture("");
  }
}
