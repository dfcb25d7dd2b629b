package dev.understudy.proxy.gateway;

import static dev.understudy.proxy.gateway.LaneApp.everything;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.RawHttp2;
import dev.understudy.traffic.RequestEnd;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;
import reactor.core.publisher.Mono;

/**
 * A client breaks a rule in its body while a filter still takes its time: no server hears of the
 * request, and its outcome is that of the express lane.
 */
class RefusedBeforeEngineTest extends ScriptedLaneTable {
  /** Lets requests go on when the test does. */
  static class HeldGatewayFilterFactory extends AbstractGatewayFilterFactory<Object> {
    volatile CompletableFuture<EventLoop> reached;
    volatile CompletableFuture<Void> released;

    HeldGatewayFilterFactory() {
      super(Object.class);
    }

    @Override
    public GatewayFilter apply(Object config) {
      return (exchange, chain) -> {
        reached.complete(GatewayLaneRequest.of(exchange).loop);
        return Mono.fromFuture(released).then(Mono.defer(() -> chain.filter(exchange)));
      };
    }
  }

  private HeldGatewayFilterFactory held;

  @Override
  String[] properties() {
    return new String[] {"understudy.client.max-body=1000B"};
  }

  @BeforeEach
  void hold() {
    held = app.context.getBean(HeldGatewayFilterFactory.class);
    held.reached = new CompletableFuture<>();
    held.released = new CompletableFuture<>();
    app.use(List.of(), everything("Held"));
  }

  @AfterEach
  void release() {
    held.released.complete(null);
  }

  /** Lets the filter go on once all that came with the request's head has been seen. */
  private void goOn() {
    held.reached.join().submit(() -> {}).syncUninterruptibly();
    held.released.complete(null);
  }

  private void assertRefused(int status) {
    Await.until("its end is told", () -> !app.ended.outcomes.isEmpty());
    assertThat(app.ended.outcomes)
        .singleElement()
        .matches(outcome -> outcome.status() == status && outcome.end() == RequestEnd.BAD_REQUEST);
    assertThat(app.engine.calls).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"zz, 400", "400, 413"})
  void over_http1(String size, int status) {
    try (RawClient client = connect()) {
      client.sendLines(
          "POST /x HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n%s\n%s"
              .formatted(size, "x".repeat(1024)));
      goOn();
      assertThat(client.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 " + status);
      assertRefused(status);
    }
  }

  @Test
  void over_http2() throws IOException {
    try (RawHttp2 client = RawHttp2.connect(app.securePort()).settings()) {
      client.post(1, "/x").frame(RawHttp2.DATA, 0, 1, new byte[1024]);
      client.frame(RawHttp2.PING, 0, 0, new byte[8]).read(RawHttp2.PING);
      goOn();
      assertThat(client.read(RawHttp2.HEADERS, 1).fields().status()).hasToString("413");
      assertRefused(413);
    }
  }

  @Test
  void a_well_formed_request_is_forwarded() {
    try (RawClient client = connect()) {
      client.sendLines("POST /x HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n3\nabc\n0\n\n");
      goOn();
      client.readUntil("/x\nabc");
    }
  }
}
