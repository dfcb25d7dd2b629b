package dev.understudy.probe;

import dev.understudy.api.HealthCheck;
import dev.understudy.health.LocalFailure;
import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.ExtensionCheck;
import dev.understudy.text.Printable;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Probes by health checks of extensions. Each check has threads of its own, so that one that blocks
 * or never ends fails the probes of its own servers alone.
 *
 * <pre>
 *  call                                            | outcome
 *  ------------------------------------------------+--------------------------
 *  returns good                                    | OK
 *  returns bad                                     | BAD_STATUS
 *  throws ConnectException, NoRouteToHostException | CONNECT_FAILED, UNREACHABLE
 *  throws for want of a resource of this machine   | LOCAL_FAILURE
 *  throws anything else, returns null              | BAD_RESPONSE
 *  has not ended in time                           | TIMED_OUT, and an interrupt
 *  not made: an earlier one of the same check to
 *    that address is overdue and still runs        | TIMED_OUT at once
 *  not made: {@value #MOST_CALLS} of the check run | LOCAL_FAILURE
 * </pre>
 *
 * <p>Used on the prober's event loop, on which nothing of an extension runs.
 */
final class ExtensionProber implements AutoCloseable {
  /** At once, of one check. */
  private static final int MOST_CALLS = 256;

  private static final int KEPT_SECONDS = 10;
  private static final Logger log = LoggerFactory.getLogger(ExtensionProber.class);

  private final ProbeEventLoop io;
  private final Map<String, HealthCheck> checks;
  private final Consumer<LocalFailure> failures;
  private final Map<String, ThreadPoolExecutor> threads = new HashMap<>();

  /** How many calls are overdue and still run. */
  private final Map<Subject, Integer> overdue = new HashMap<>();

  private boolean closed;

  /**
   * @param checks by name
   * @param failures called for each call that failed because a resource of this machine was used
   *     up, as those of {@link NettyProber}
   */
  ExtensionProber(
      ProbeEventLoop io, Map<String, HealthCheck> checks, Consumer<LocalFailure> failures) {
    this.io = io;
    this.checks = Map.copyOf(checks);
    this.failures = failures;
  }

  void probe(Prober.Request request, ExtensionCheck check, Consumer<Observation.Probe> done) {
    new Call(request, check, done).start();
  }

  /** Ends what can be ended by an interrupt; nothing is reported from now on. */
  @Override
  public void close() {
    closed = true;
    threads.values().forEach(ThreadPoolExecutor::shutdownNow);
  }

  private ThreadPoolExecutor threads(String name, HealthCheck extension) {
    return threads.computeIfAbsent(
        name,
        each ->
            new ThreadPoolExecutor(
                0,
                MOST_CALLS,
                KEPT_SECONDS,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                work -> {
                  Thread thread =
                      Thread.ofPlatform()
                          .daemon()
                          .name("understudy-extension-" + name)
                          .unstarted(work);
                  // Where libraries of the extension look for services, such as drivers.
                  thread.setContextClassLoader(extension.getClass().getClassLoader());
                  return thread;
                }));
  }

  /** What a call that never ends is not made twice for. */
  private record Subject(ExtensionCheck check, InetSocketAddress address) {}

  /** One probe. */
  private final class Call {
    private final Prober.Request request;
    private final ExtensionCheck check;
    private final Consumer<Observation.Probe> done;
    private final Subject subject;

    Call(Prober.Request request, ExtensionCheck check, Consumer<Observation.Probe> done) {
      this.request = request;
      this.check = check;
      this.done = done;
      subject = new Subject(check, new InetSocketAddress(request.address(), request.port()));
    }

    void start() {
      HealthCheck extension = checks.get(check.name());
      if (extension == null) {
        report(new ProbeResult(ProbeOutcome.BAD_RESPONSE, told("is in no extension")));
      } else if (overdue.containsKey(subject)) {
        report(new ProbeResult(ProbeOutcome.TIMED_OUT, told("has not ended an earlier call")));
      } else {
        call(extension);
      }
    }

    private void call(HealthCheck extension) {
      FutureTask<ProbeResult> task = new FutureTask<>(() -> result(extension));
      Running running = new Running(task);
      try {
        threads(check.name(), extension)
            .execute(
                () -> {
                  task.run();
                  io.execute(running::ended);
                });
      } catch (RejectedExecutionException e) {
        running.timer.cancel();
        String why = told("has not ended " + MOST_CALLS + " calls");
        report(new ProbeResult(ProbeOutcome.LOCAL_FAILURE, why, null, LocalFailure.THREADS));
      } catch (OutOfMemoryError e) {
        running.timer.cancel();
        report(result(e));
      }
    }

    /** Runs the extension, and what it throws, on its own thread. */
    private ProbeResult result(HealthCheck extension) {
      try {
        HealthCheck.@Nullable Result result = extension.check(target());
        return result == null
            ? new ProbeResult(ProbeOutcome.BAD_RESPONSE, told("returned null"))
            : new ProbeResult(
                result.good() ? ProbeOutcome.OK : ProbeOutcome.BAD_STATUS,
                Printable.escapedAndCut(String.valueOf(result.detail()), Details.MAX));
      } catch (Throwable e) { // Also of linkage, and of a stack that is too deep.
        log.debug("Check {} failed", check.name(), e);
        return result(e);
      }
    }

    private HealthCheck.Target target() {
      return new HealthCheck.Target(
          subject.address(),
          request.server().address().host(),
          NettyProber.usesTls(request),
          check.arguments(),
          request.timeout());
    }

    private ProbeResult result(Throwable failure) {
      LocalFailure local = LocalFailure.of(failure);
      if (local != null) {
        return ProbeResult.of(local);
      }
      if (failure instanceof ConnectException || failure instanceof NoRouteToHostException) {
        return new ProbeResult(ProbeRun.notConnected(failure), Details.of(failure));
      }
      String type = failure.getClass().getSimpleName();
      String words = Details.of(failure);
      return new ProbeResult(
          ProbeOutcome.BAD_RESPONSE,
          told("threw " + type + (words.equals(type) ? "" : ": " + words)));
    }

    private String told(String what) {
      return "check " + check.name() + " " + what;
    }

    private void report(ProbeResult result) {
      if (closed) {
        return;
      }
      LocalFailure lacked = result.lacked();
      if (lacked != null && lacked != LocalFailure.PORTS) {
        failures.accept(lacked);
      }
      try {
        done.accept(
            new Observation.Probe(
                request.started(), result.outcome(), result.detail(), null, lacked));
      } catch (RuntimeException e) {
        log.error("A probe's result could not be taken", e);
      }
    }

    /** The call while it runs, with its time. */
    private final class Running {
      private final FutureTask<ProbeResult> task;
      private final ProbeTimer timer;
      private boolean given;

      Running(FutureTask<ProbeResult> task) {
        this.task = task;
        timer = new ProbeTimer(io.loop(), request.timeout(), this::timedOut);
      }

      private void timedOut() {
        given = true;
        overdue.merge(subject, 1, Integer::sum);
        task.cancel(true);
        String within = "has not ended within " + Details.of(request.timeout());
        report(new ProbeResult(ProbeOutcome.TIMED_OUT, told(within)));
      }

      private void ended() {
        timer.cancel();
        if (given) {
          overdue.computeIfPresent(subject, (key, calls) -> calls == 1 ? null : calls - 1);
        } else if (task.state() == Future.State.SUCCESS) {
          report(task.resultNow());
        } else {
          // What it threw failed when it was asked for its message.
          report(new ProbeResult(ProbeOutcome.BAD_RESPONSE, told("failed")));
        }
      }
    }
  }
}
