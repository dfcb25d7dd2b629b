package dev.understudy.monitor;

import dev.understudy.agreement.Loop;
import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.probe.Prober;
import java.time.Duration;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts probes of one pool's servers, and brings what they saw to the monitor's thread. */
final class ProbeRunner {
  private static final Logger log = LoggerFactory.getLogger(ProbeRunner.class);

  /** After its time-out a probe has so long to say so; then it counts as timed out anyway. */
  private static final Duration GRACE = Duration.ofSeconds(1);

  private final Context context;
  private final PoolId pool;

  ProbeRunner(Context context, PoolId pool) {
    this.context = context;
    this.pool = pool;
  }

  /**
   * Starts it.
   *
   * @param done gets the observation and how long it took, once
   */
  void run(Prober.Request request, BiConsumer<Observation.Probe, Duration> done) {
    context.heartbeat().probing();
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

  /** Tells all listeners of a probe that ended. */
  void tell(ServerId server, Observation.Probe observation, Duration took) {
    for (ProbeListener listener : context.probeListeners()) {
      try {
        listener.probed(pool, server, observation.outcome(), took);
      } catch (RuntimeException e) {
        log.error("A listener failed on a probe of {}/{}", pool, server, e);
      }
    }
  }

  /** One probe, from its start to whatever ends it first. */
  private final class Running {
    private final Prober.Request request;
    private final BiConsumer<Observation.Probe, Duration> done;
    private final Loop.Timer overdue;
    private boolean ended;

    Running(Prober.Request request, BiConsumer<Observation.Probe, Duration> done) {
      this.request = request;
      this.done = done;
      this.overdue =
          context.scheduler().schedule(request.timeout().plus(GRACE), this::endedByNobody);
    }

    /** The time that it took ends here, not when the monitor comes to it. */
    void endedOnItsThread(Observation.Probe observation) {
      Duration took = Duration.between(request.started(), context.now());
      context.scheduler().execute(() -> end(observation, took));
    }

    private void endedByNobody() {
      end(
          new Observation.Probe(
              request.started(), ProbeOutcome.TIMED_OUT, "the probe did not end by itself"),
          Duration.between(request.started(), context.now()));
    }

    private void end(Observation.Probe observation, Duration took) {
      if (ended) {
        return;
      }
      ended = true;
      overdue.cancel();
      if (observation.outcome().answered()) {
        context.heartbeat().answered();
      }
      tell(request.server().id(), observation, took);
      done.accept(observation, took);
    }
  }
}
