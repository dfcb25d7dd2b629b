package dev.understudy.admin;

import java.util.function.BooleanSupplier;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.AvailabilityState;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.health.application.ReadinessStateHealthIndicator;

/**
 * Whether this replica wants traffic: every server had its first response or time-out, no other
 * replica can serve a pool that this one cannot, and we are not stopping.
 *
 * <p>It depends on a server being usable only by way of the other replicas: one that sees less than
 * another turns not ready, so that clients go to the other, and never all of them do. With every
 * server down all replicas would leave the load balancer at once, and clients would get its
 * connection errors instead of our holds and 503s; a server that returned would then wait for the
 * replicas' readiness probes on top of its own checks. Nor can a restart of ours, which is what a
 * failing liveness probe brings, mend a server.
 *
 * <p>Takes the place of Boot's own indicator of that name, so that {@code
 * /actuator/health/readiness} means this whatever the configuration file says of health groups.
 */
final class Readiness extends ReadinessStateHealthIndicator {
  private final BooleanSupplier monitorReady;

  Readiness(ApplicationAvailability availability, BooleanSupplier monitorReady) {
    super(availability);
    this.monitorReady = monitorReady;
  }

  @Override
  protected AvailabilityState getState(ApplicationAvailability availability) {
    return monitorReady.getAsBoolean()
        ? super.getState(availability)
        : ReadinessState.REFUSING_TRAFFIC;
  }
}
