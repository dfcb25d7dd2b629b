package dev.understudy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.failover.SwitchReason;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;

/** Liveness and readiness, as a kubelet sees them. */
class ReadinessTest {
  private static AdminServer server;

  @BeforeAll
  static void start() {
    server = new AdminServer();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void ready() {
    server.reset();
    AvailabilityChangeEvent.publish(server.context(), ReadinessState.ACCEPTING_TRAFFIC);
  }

  @Test
  void ready_once_the_monitor_is() {
    assertThat(server.get("/actuator/health/readiness").statusCode()).isEqualTo(200);
  }

  @Test
  void not_ready_before_the_monitor_is() {
    server.replica.ready.set(false);

    assertThat(server.get("/actuator/health/readiness").statusCode()).isEqualTo(503);
  }

  @Test
  void not_ready_while_stopping() {
    AvailabilityChangeEvent.publish(server.context(), ReadinessState.REFUSING_TRAFFIC);

    assertThat(server.get("/actuator/health/readiness").statusCode()).isEqualTo(503);
  }

  @Test
  void alive_before_the_monitor_is_ready() {
    server.replica.ready.set(false);

    assertThat(server.get("/actuator/health/liveness").statusCode()).isEqualTo(200);
  }

  @Test
  void ready_with_a_server_down() {
    server.monitor.move(FakeMonitor.BACKUP, SwitchReason.HEALTH_CHECK_FAILED, "status 503");

    assertThat(server.get("/actuator/health/readiness").statusCode()).isEqualTo(200);
  }
}
