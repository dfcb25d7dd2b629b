package dev.understudy.monitor;

import dev.understudy.agreement.DecisionThread;
import dev.understudy.health.LocalFailure;
import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.probe.Prober;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs probes of one pool's servers, and passes their observations to the monitor's thread. */
final class ProbeRunner {
  private static final Logger log = LoggerFactory.getLogger(ProbeRunner.class);

  /**
   * Time after the longest time of a probe, {@link Prober#MOST_TIMEOUTS} of its time-outs. One that
   * has not reported by then is given up: its prober's thread stands still.
   */
  private static final Duration GRACE = Duration.ofSeconds(1);

  private final MonitorContext context;
  private final PoolId pool;

  ProbeRunner(MonitorContext context, PoolId pool) {
    this.context = context;
    this.pool = pool;
  }

  /**
   * Makes a check.
   *
   * @param connection the connection to the clients' port that must be good before; null if none
   * @param done called once, with the observation and the probe's duration
   */
  void run(
      Prober.Request check,
      Prober.@Nullable Request connection,
      BiConsumer<Observation.Probe, Duration> done) {
    if (connection == null) {
      run(check, done);
      return;
    }
    run(
        connection,
        (ended, took) -> {
          if (ended.outcome().good()) {
            run(check, done);
          } else {
            done.accept(ofClientsPort(connection.port(), ended), took);
          }
        });
  }

  private static Observation.Probe ofClientsPort(int port, Observation.Probe probe) {
    return new Observation.Probe(
        probe.started(),
        probe.outcome(),
        "port " + port + ", which clients use: " + probe.detail());
  }

  private void run(Prober.Request request, BiConsumer<Observation.Probe, Duration> done) {
    context.pauseDetector().probing();
    Running running = new Running(request, done);
    try {
      context.prober().probe(request, running::endedOnItsThread);
    } catch (RuntimeException e) {
      log.error("A probe of {}/{} could not be started", pool, request.server().id(), e);
      running.endedOnItsThread(
          new Observation.Probe(
              request.started(), ProbeOutcome.BROKEN, "could not be started: " + e.getMessage()));
    }
  }

  /** Calls all listeners for a probe that ended. */
  void notifyListeners(ServerId server, Observation.Probe observation, Duration took) {
    for (ProbeListener listener : context.probeListeners()) {
      try {
        listener.probed(pool, server, observation.outcome(), took);
      } catch (RuntimeException e) {
        log.error("A listener failed on a probe of {}/{}", pool, server, e);
      }
    }
  }

  /** One probe, until the prober or the overdue timer ends it, whichever is first. */
  private final class Running {
    private final Prober.Request request;
    private final BiConsumer<Observation.Probe, Duration> done;
    private final DecisionThread.Timer overdue;
    private boolean ended;

    Running(Prober.Request request, BiConsumer<Observation.Probe, Duration> done) {
      this.request = request;
      this.done = done;
      this.overdue =
          context
              .scheduler()
              .schedule(
                  // Not multipliedBy, which computes in BigDecimal: its tables take 23 ms of a
                  // start.
                  Duration.ofNanos(Prober.MOST_TIMEOUTS * request.timeout().toNanos()).plus(GRACE),
                  this::endedByNobody);
    }

    /** Measures the duration here, before the observation waits for the monitor's thread. */
    void endedOnItsThread(Observation.Probe observation) {
      Duration took = Duration.between(request.started(), context.now());
      context.probeResults().add(() -> end(observation, took));
    }

    private void endedByNobody() {
      end(
          new Observation.Probe(
              request.started(), ProbeOutcome.VOIDED, "the probe did not end by itself"),
          Duration.between(request.started(), context.now()));
    }

    private void end(Observation.Probe observation, Duration took) {
      if (ended) {
        return;
      }
      ended = true;
      overdue.cancel();
      if (observation.outcome().hasResponse()) {
        context.pauseDetector().responded();
      }
      done.accept(attributed(observation), took);
    }

    /** The observation as it counts, if there was no local port or address for the probe. */
    private Observation.Probe attributed(Observation.Probe observation) {
      InetSocketAddress destination = new InetSocketAddress(request.address(), request.port());
      if (observation.outcome().connected()) {
        context.destinations().reached(destination, context.now());
      }
      return observation.lacked() == LocalFailure.PORTS && context.isServersFailure(destination)
          ? new Observation.Probe(
              observation.started(), ProbeOutcome.UNREACHABLE, MonitorContext.NO_WAY)
          : observation;
    }
  }
}
