package dev.understudy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.failover.SwitchReason;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;

/** Liveness and readiness, as a kubelet sees them. */
class ReadinessTest extends OnSharedServer {
  enum State {
    READY,
    MONITOR_NOT_READY,
    STOPPING,
    SERVER_DOWN
  }

  @ParameterizedTest(name = "{1} while {0}: {2}")
  @CsvSource({
    "READY, readiness, 200",
    "MONITOR_NOT_READY, readiness, 503",
    "MONITOR_NOT_READY, liveness, 200",
    "STOPPING, readiness, 503",
    "SERVER_DOWN, readiness, 200"
  })
  void a_process_is_ready_once_its_monitor_is_until_it_stops(
      State state, String asked, int status) {
    switch (state) {
      case READY -> {}
      case MONITOR_NOT_READY -> server.replica.ready.set(false);
      case STOPPING ->
          AvailabilityChangeEvent.publish(server.context(), ReadinessState.REFUSING_TRAFFIC);
      case SERVER_DOWN ->
          server.monitor.move(FakeMonitor.BACKUP, SwitchReason.HEALTH_CHECK_FAILED, "status 503");
    }
    assertThat(server.get("/actuator/health/" + asked).statusCode()).isEqualTo(status);
  }

  @Test
  void late_checks_are_a_detail_of_readiness_and_of_nothing_else() {
    assertThat(server.get("/actuator/health/readiness").body())
        .startsWith("{\"components\":{\"readinessState\":{\"details\":{\"checks\":{")
        .contains("\"servers\":6", "\"late\":2", "\"stretch\":1.95", "\"status\":\"UP\"");
    assertThat(server.get("/actuator/health").body()).doesNotContain("checks");
  }
}
