package dev.understudy.monitor;

import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.PoolId;
import dev.understudy.probe.Prober;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts probes of one pool's servers, and brings what they saw to the monitor's thread. */
final class ProbeRunner {
  private static final Logger log = LoggerFactory.getLogger(ProbeRunner.class);

  private final Context context;
  private final PoolId pool;

  ProbeRunner(Context context, PoolId pool) {
    this.context = context;
    this.pool = pool;
  }

  /** Starts it; {@code done} gets the observation and how long it took. */
  void run(Prober.Request request, BiConsumer<Observation.Probe, Duration> done) {
    try {
      context.prober().probe(request, observation -> ended(request, observation, done));
    } catch (RuntimeException e) {
      log.error("A probe of {}/{} could not be started", pool, request.server().id(), e);
      ended(request, failed(request, e), done);
    }
  }

  private static Observation.Probe failed(Prober.Request request, RuntimeException e) {
    return new Observation.Probe(
        request.started(), ProbeOutcome.BROKEN, "could not be started: " + e.getClass().getName());
  }

  /** On an I/O thread: the time that it took ends here, not when the monitor comes to it. */
  private void ended(
      Prober.Request request,
      Observation.Probe observation,
      BiConsumer<Observation.Probe, Duration> done) {
    Instant end = context.now();
    Duration took = Duration.between(request.started(), end);
    context
        .scheduler()
        .execute(
            () -> {
              tell(request, observation, took);
              done.accept(observation, took);
            });
  }

  private void tell(Prober.Request request, Observation.Probe observation, Duration took) {
    for (ProbeListener listener : context.probeListeners()) {
      try {
        listener.probed(pool, request.server().id(), observation.outcome(), took);
      } catch (RuntimeException e) {
        log.error("A listener failed on a probe of {}/{}", pool, request.server().id(), e);
      }
    }
  }
}
