package dev.understudy.monitor;

import dev.understudy.agreement.Agreement;
import dev.understudy.event.EventLog;
import dev.understudy.health.LocalFailure;
import dev.understudy.probe.AddressResolver;
import dev.understudy.probe.Prober;
import dev.understudy.switchover.HookCall;
import dev.understudy.switchover.HookResult;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The collaborators that all controllers share.
 *
 * @param random for jitter; used on the monitor's thread only
 * @param incarnations the last incarnation given out
 */
record MonitorContext(
    Scheduler scheduler,
    Prober prober,
    AddressResolver resolver,
    EndpointSource endpoints,
    Agreement agreement,
    EventLog events,
    RandomGenerator random,
    List<ProbeListener> probeListeners,
    PauseDetector pauseDetector,
    ProbeResults probeResults,
    SelfCheck selfCheck,
    LocalFailures failures,
    LocalPortFailures destinations,
    TrafficInbox inbox,
    HookCaller hooks,
    OtherProcesses processes,
    RemovedServers removed,
    AtomicLong incarnations) {
  /** Detail of a failure that is a server's, for want of a local port or address. */
  static final String NO_WAY =
      LocalFailure.PORTS.words() + " for it, while other servers are reached";

  /** For intervals: see {@link Scheduler#now}. */
  Instant now() {
    return scheduler.now();
  }

  /** For what people mean by a time, and what is agreed with others. */
  Instant wall() {
    return scheduler.wall();
  }

  /**
   * Calls a hook once the current task's snapshot is published, so that no request follows an older
   * one; {@code then} takes the result on the monitor's thread.
   */
  void call(HookCall call, Consumer<HookResult> then) {
    scheduler.execute(
        () ->
            scheduler.whenDone(
                called(call),
                (result, failure) ->
                    then.accept(result == null ? HookResult.failed(why(failure)) : result)));
  }

  /** The reason of a future's failure, for people. */
  static String why(@Nullable Throwable failure) {
    Throwable cause = cause(failure);
    return cause == null ? "no reason given" : String.valueOf(cause.getMessage());
  }

  /** What a future failed with. */
  static @Nullable Throwable cause(@Nullable Throwable failure) {
    return failure instanceof CompletionException ? failure.getCause() : failure;
  }

  /** Whose failure it is that there is no local port or address; counts it if this machine's. */
  boolean isServersFailure(InetSocketAddress destination) {
    LocalPortFailures.Verdict whose = destinations.failed(destination, now());
    if (whose == LocalPortFailures.Verdict.MACHINE) {
      failures.happened(LocalFailure.PORTS);
    }
    return whose == LocalPortFailures.Verdict.SERVER;
  }

  private CompletableFuture<HookResult> called(HookCall call) {
    try {
      return hooks.call(call);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  long nextIncarnation() {
    return incarnations.incrementAndGet();
  }
}
