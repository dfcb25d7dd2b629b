package dev.understudy.monitor;

import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.time.Duration;

/** Called for each probe that ended, on the monitor's thread; must return at once. */
@FunctionalInterface
public interface ProbeListener {
  void probed(PoolId pool, ServerId server, ProbeOutcome outcome, Duration took);
}
