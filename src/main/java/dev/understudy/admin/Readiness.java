package dev.understudy.admin;

import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.AvailabilityState;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.health.application.ReadinessStateHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * The readiness of this replica. It is ready if every server had its first response or time-out, no
 * other ready replica can serve every pool that this one can and one more, it is not out of touch
 * with the others under {@code understudy.agreement.on-loss=hold}, and it is not stopping.
 *
 * <p>Servers' health counts only relative to the other replicas. A replica that sees less than
 * another becomes unready, so that clients go to the other; this relation never makes all replicas
 * unready. Without this rule, with every server down, all replicas would leave the load balancer at
 * once, and clients would get its connection errors instead of our holds and 503s; a server that
 * returned would then wait for the replicas' readiness probes on top of its own checks. Liveness
 * does not depend on servers either, because a restart of this process cannot repair a server.
 *
 * <p>Late checks do not take readiness away, for the same reason: a machine that is short of CPU is
 * no less so where its clients go. They are details.
 *
 * <p>Replaces Spring Boot's own indicator of that name, so that {@code /actuator/health/readiness}
 * has this meaning whatever the settings define as health groups.
 */
final class Readiness extends ReadinessStateHealthIndicator {
  private final BooleanSupplier monitorReady;
  private final Supplier<ChecksDocument> checks;

  Readiness(
      ApplicationAvailability availability,
      BooleanSupplier monitorReady,
      Supplier<ChecksDocument> checks) {
    super(availability);
    this.monitorReady = monitorReady;
    this.checks = checks;
  }

  @Override
  protected void doHealthCheck(Health.Builder builder) throws Exception {
    super.doHealthCheck(builder);
    builder.withDetail("checks", checks.get());
  }

  @Override
  protected AvailabilityState getState(ApplicationAvailability availability) {
    return monitorReady.getAsBoolean()
        ? super.getState(availability)
        : ReadinessState.REFUSING_TRAFFIC;
  }
}
