package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.RawClient;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import org.springframework.http.HttpStatus;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * A kept-alive connection whose responses are ended by another thread than its event loop's: the
 * next request may arrive before the event loop knows of the end. So many requests that a loss of
 * one in a few hundred shows.
 */
class ResponsesOfOtherThreadsTest {
  private static final int REQUESTS = 3_000;

  private static LaneApp app;

  /** Responds with 204 by another thread. */
  static class ElsewhereGatewayFilterFactory extends AbstractGatewayFilterFactory<Object> {
    ElsewhereGatewayFilterFactory() {
      super(Object.class);
    }

    @Override
    public GatewayFilter apply(Object config) {
      return (exchange, chain) -> {
        exchange.getResponse().setStatusCode(HttpStatus.NO_CONTENT);
        return Mono.fromCallable(() -> true)
            .subscribeOn(Schedulers.boundedElastic())
            .flatMap(any -> exchange.getResponse().setComplete());
      };
    }
  }

  @BeforeAll
  static void start() {
    app = LaneApp.start(new Class<?>[] {ElsewhereGatewayFilterFactory.class});
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  @Test
  void every_request_to_the_management_port_gets_its_response() {
    assertAllGetResponses(app.managementPort(), "/actuator/health/liveness", 200);
  }

  @Test
  void every_request_of_the_gateway_lane_gets_its_response() {
    app.use(List.of(), LaneApp.everything("Elsewhere"));
    assertAllGetResponses(app.port(), "/x", 204);
  }

  private static void assertAllGetResponses(int port, String target, int status) {
    try (RawClient client = new RawClient(port)) {
      for (int i = 0; i < REQUESTS; i++) {
        assertThat(client.get(target).status()).as("request %d", i).isEqualTo(status);
      }
    }
  }
}
