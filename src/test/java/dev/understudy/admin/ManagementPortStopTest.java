package dev.understudy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** How the management port stops. */
@ExtendWith(OutputCaptureExtension.class)
@Isolated("reads standard output")
class ManagementPortStopTest {
  @Test
  void open_streams_are_ended_and_do_not_hold_up_the_stop(CapturedOutput output) {
    try (AdminServer server = new AdminServer();
        StreamClient events = new StreamClient(server, "/api/events/stream");
        StreamClient overview = new StreamClient(server, "/api/overview/stream")) {
      assertThat(events.next("HTTP/1.1 ")).isEqualTo("200 OK");
      assertThat(overview.next("HTTP/1.1 ")).isEqualTo("200 OK");
      events.next(":understudy");
      overview.next("event: overview");

      server.close();

      for (StreamClient each : List.of(events, overview)) {
        assertThat(each.raw().readUntil("\r\n0\r\n\r\n")).as("the last chunk").isNotEmpty();
      }
    }
    assertThat(output).doesNotContain("Graceful shutdown aborted");
  }
}
