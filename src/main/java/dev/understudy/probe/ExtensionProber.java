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
import java.util.Objects;
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
 * Probes by health checks of extensions. Each check has threads of its own, an equal share of those
 * for all, so that one that blocks or never ends fails the probes of its own servers alone. Of its
 * share, a server that hangs has one thread, or {@link
 * dev.understudy.health.ProbeSchedule#MOST_IN_FLIGHT} for each of its pools while half of the share
 * is free.
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
 *  not made: half of the share is used, and an
 *    earlier one of the same check to that address
 *    runs and is not overdue: if that ends in time | VOIDED
 *    if not                                        | TIMED_OUT in its own time
 *  not made: the share is used by other servers    | LOCAL_FAILURE
 * </pre>
 *
 * <p>Used on the prober's event loop, on which nothing of an extension runs.
 */
final class ExtensionProber implements AutoCloseable {
  /** For all checks together. */
  private static final int MOST_THREADS = 512;

  private static final int KEPT_SECONDS = 10;
  private static final Logger log = LoggerFactory.getLogger(ExtensionProber.class);

  private final ProbeEventLoop io;
  private final Map<String, HealthCheck> checks;
  private final Consumer<LocalFailure> failures;
  private final int share;
  private final Map<String, Threads> threads = new HashMap<>();

  /** Of those that run; none is kept without any. */
  private final Map<Subject, Calls> calls = new HashMap<>();

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
    this.share = Math.max(1, MOST_THREADS / Math.max(1, checks.size()));
    this.failures = failures;
  }

  /** Makes a call; returns what ends it, as far as an interrupt can. */
  Runnable probe(Prober.Request request, ExtensionCheck check, Consumer<Observation.Probe> done) {
    Call call = new Call(request, check, done);
    call.start();
    return call::cancel;
  }

  /** Ends what can be ended by an interrupt; nothing is reported from now on. */
  @Override
  public void close() {
    closed = true;
    threads.values().forEach(each -> each.pool.shutdownNow());
  }

  /** The threads of one check. */
  private final class Threads {
    private final ThreadPoolExecutor pool;
    private int running;

    Threads(String name, HealthCheck extension) {
      pool =
          new ThreadPoolExecutor(
              0,
              share,
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
              });
    }

    /** Whether a server with a call that runs has to wait for its end. */
    boolean isCrowded() {
      return 2 * running >= share;
    }
  }

  /** What a call that never ends is not made twice for. */
  private record Subject(ExtensionCheck check, InetSocketAddress address) {}

  /** The calls of one subject. */
  private static final class Calls {
    private int running;
    private int overdue;

    /** Those that are not made as others run, with their time. */
    private final Map<Call, ProbeTimer> waiting = new HashMap<>();
  }

  /** One probe. */
  private final class Call {
    private final Prober.Request request;
    private final ExtensionCheck check;
    private final Consumer<Observation.Probe> done;
    private final Subject subject;
    private Runnable end = () -> {};
    private boolean cancelled;

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
        return;
      }
      Threads own = threads.computeIfAbsent(check.name(), name -> new Threads(name, extension));
      Calls earlier = calls.get(subject);
      if (earlier != null && earlier.overdue > 0) {
        waitedInVain();
      } else if (earlier != null && own.isCrowded()) {
        await(earlier);
      } else {
        call(extension, own);
      }
    }

    /** Ends it without a report. */
    void cancel() {
      cancelled = true;
      end.run();
    }

    private void await(Calls earlier) {
      Runnable over =
          () -> {
            earlier.waiting.remove(this);
            waitedInVain();
          };
      end =
          () -> {
            ProbeTimer timer = earlier.waiting.remove(this);
            if (timer != null) {
              timer.cancel();
            }
          };
      long now = System.nanoTime();
      earlier.waiting.put(this, new ProbeTimer(io.loop(), request.timeout(), () -> now, over));
    }

    private void waitedInVain() {
      report(new ProbeResult(ProbeOutcome.TIMED_OUT, told("has not ended an earlier call")));
    }

    /** An earlier call has ended in time: the server does not hang. */
    private void isNotMade() {
      report(new ProbeResult(ProbeOutcome.VOIDED, told("had no thread for another call")));
    }

    private void call(HealthCheck extension, Threads own) {
      FutureTask<ProbeResult> task = new FutureTask<>(() -> result(extension));
      Running running = new Running(task, own);
      end = running::cancel;
      try {
        own.pool.execute(
            () -> {
              running.sentNanos = System.nanoTime();
              task.run();
              io.execute(running::ended);
            });
        running.begun();
      } catch (RejectedExecutionException e) {
        running.timer.cancel();
        String why = told("has not ended " + share + " calls");
        report(new ProbeResult(ProbeOutcome.LOCAL_FAILURE, why, null, null, LocalFailure.THREADS));
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
      if (closed || cancelled) {
        return;
      }
      LocalFailure lacked = result.lacked();
      if (lacked != null && lacked != LocalFailure.PORTS) {
        failures.accept(lacked);
      }
      try {
        done.accept(
            new Observation.Probe(
                request.started(),
                request.asked(),
                result.outcome(),
                result.detail(),
                null,
                null,
                lacked));
      } catch (RuntimeException e) {
        log.error("A probe's result could not be taken", e);
      }
    }

    /** The call while it runs, with its time. */
    private final class Running {
      private final FutureTask<ProbeResult> task;
      private final Threads own;
      private final ProbeTimer timer;
      private volatile long sentNanos = System.nanoTime();
      private boolean overdue;

      Running(FutureTask<ProbeResult> task, Threads own) {
        this.task = task;
        this.own = own;
        timer = new ProbeTimer(io.loop(), request.timeout(), () -> sentNanos, this::timedOut);
      }

      private void begun() {
        own.running++;
        calls.computeIfAbsent(subject, each -> new Calls()).running++;
      }

      private void timedOut() {
        overdue = true;
        all().overdue++;
        task.cancel(true);
        String within = "has not ended within " + Details.of(request.timeout());
        report(new ProbeResult(ProbeOutcome.TIMED_OUT, told(within)));
      }

      /** The extension may go on for all that; its thread is its own until it ends. */
      private void cancel() {
        timer.cancel();
        task.cancel(true);
      }

      private void ended() {
        timer.cancel();
        leave();
        if (overdue || cancelled) {
          return;
        }
        if (task.state() == Future.State.SUCCESS) {
          report(task.resultNow());
        } else {
          // What it threw failed when it was asked for its message.
          report(new ProbeResult(ProbeOutcome.BAD_RESPONSE, told("failed")));
        }
      }

      private Calls all() {
        return Objects.requireNonNull(calls.get(subject));
      }

      private void leave() {
        Calls all = all();
        own.running--;
        all.running--;
        if (all.running == 0) {
          calls.remove(subject);
        }
        if (overdue) {
          all.overdue--;
          return;
        }
        all.waiting.forEach(
            (call, itsTimer) -> {
              itsTimer.cancel();
              call.isNotMade();
            });
        all.waiting.clear();
      }
    }
  }
}
