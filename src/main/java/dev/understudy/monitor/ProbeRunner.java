package dev.understudy.monitor;

import dev.understudy.health.LocalFailure;
import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.probe.Prober;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the checks of one server, and passes their observations to the monitor's thread. The prober
 * alone ends a probe: one that it never ends keeps its place, so that nothing more is asked of a
 * thread that stands still, and the server's checks are late.
 */
final class ProbeRunner {
  private static final Logger log = LoggerFactory.getLogger(ProbeRunner.class);

  private final MonitorContext context;
  private final PoolId pool;

  /** Those in flight, by when they were started. */
  private final Map<Instant, Running> running = new HashMap<>();

  ProbeRunner(MonitorContext context, PoolId pool) {
    this.context = context;
    this.pool = pool;
  }

  /**
   * Makes a check.
   *
   * @param connection the connection to the clients' port that must be good before; null if none
   * @param done called once, with the observation and the probe's duration, unless it is cancelled
   */
  void run(
      Prober.Request check,
      Prober.@Nullable Request connection,
      BiConsumer<Observation.Probe, Duration> done) {
    context.pauseDetector().probing();
    Running next = new Running();
    running.put(check.started(), next);
    if (connection == null) {
      next.start(check, done);
    } else {
      next.start(
          connection,
          (ended, took) -> {
            if (ended.outcome().good()) {
              running.put(check.started(), next);
              next.start(check, done);
            } else {
              String of = "port " + connection.port() + ", which clients use: ";
              done.accept(ended.with(ended.outcome(), of + ended.detail()), took);
            }
          });
    }
  }

  /** Cancels all but these. */
  void cancelOthers(Collection<Instant> kept) {
    if (running.isEmpty()) {
      return;
    }
    running
        .entrySet()
        .removeIf(
            each -> {
              boolean goes = !kept.contains(each.getKey());
              if (goes) {
                each.getValue().cancel();
              }
              return goes;
            });
  }

  /** Whether that one has not gone on its way yet. */
  boolean isWaiting(Instant started) {
    Running check = running.get(started);
    return check != null && check.probe.isWaiting();
  }

  /** If that one is still waiting, it does so as an urgent one. */
  void hasten(Instant started) {
    Running check = running.get(started);
    if (check != null) {
      check.probe.hasten();
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

  /** One check, of one probe after the other. */
  private final class Running {
    private Prober.InFlight probe = Prober.InFlight.NONE;
    private boolean cancelled;

    private void start(Prober.Request request, BiConsumer<Observation.Probe, Duration> done) {
      try {
        probe = context.prober().probe(request, ended -> endedOnItsThread(request, ended, done));
      } catch (RuntimeException e) {
        log.error("A probe of {}/{} could not be started", pool, request.server().id(), e);
        String why = "could not be started: " + e.getMessage();
        endedOnItsThread(
            request, new Observation.Probe(request.started(), ProbeOutcome.BROKEN, why), done);
      }
    }

    /** Measures the duration here, before the observation waits for the monitor's thread. */
    private void endedOnItsThread(
        Prober.Request request,
        Observation.Probe observation,
        BiConsumer<Observation.Probe, Duration> done) {
      Duration took = Duration.between(observation.asked(), context.now());
      context
          .probeResults()
          .add(
              () -> {
                if (!cancelled) {
                  end(request, observation, took, done);
                }
              });
    }

    private void end(
        Prober.Request request,
        Observation.Probe observation,
        Duration took,
        BiConsumer<Observation.Probe, Duration> done) {
      running.remove(request.started());
      if (observation.outcome().hasResponse()) {
        context.pauseDetector().responded();
      }
      done.accept(attributed(request, observation), took);
    }

    /** The observation as it counts, if there was no local port or address for the probe. */
    private Observation.Probe attributed(Prober.Request request, Observation.Probe observation) {
      InetSocketAddress destination = new InetSocketAddress(request.address(), request.port());
      if (observation.outcome().connected()) {
        context.destinations().reached(destination, context.now());
      }
      return observation.lacked() == LocalFailure.PORTS && context.isServersFailure(destination)
          ? observation.with(ProbeOutcome.UNREACHABLE, MonitorContext.NO_WAY)
          : observation;
    }

    /** Ends it, its connection included. */
    void cancel() {
      cancelled = true;
      probe.cancel();
    }
  }
}
