package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Extent;
import dev.understudy.testing.RawClient;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A kept-alive connection whose responses are ended by another thread than its event loop's: the
 * next request may arrive before the event loop knows of the end. So many requests that a loss of
 * one in a few hundred shows.
 */
@Tag(Extent.FULL)
class ResponsesOfOtherThreadsTest extends ScriptedLaneTable {
  private static final int REQUESTS = Extent.rounds(10_000);

  @Test
  void every_request_to_the_management_port_gets_its_response() {
    assertAllGetResponses(app.managementPort(), "/actuator/health/liveness", 200);
  }

  @Test
  void every_request_of_the_gateway_lane_gets_its_response() {
    app.use(List.of(), LaneApp.everything("Elsewhere"));
    assertAllGetResponses(app.port(), "/x", 204);
  }

  private void assertAllGetResponses(int port, String target, int status) {
    try (RawClient client = new RawClient(port)) {
      for (int i = 0; i < REQUESTS; i++) {
        assertThat(client.get(target).status()).as("request %d", i).isEqualTo(status);
      }
    }
  }
}
