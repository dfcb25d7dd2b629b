package dev.understudy.proxy.frontend.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.frontend.ClientMemoryBudget;
import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.proxy.frontend.GatewayRequest;
import dev.understudy.proxy.frontend.TestFrontends;
import dev.understudy.testing.Await;
import dev.understudy.testing.TextLane;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Requests that come before the Gateway lane is there count as all do, with what they bring. */
class GatewayEntranceTest {
  private static final int BODY = 8000;

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final Frontend frontend = TestFrontends.frontend();
  private final ClientMemoryBudget budget = frontend.connections().memory();

  @BeforeEach
  void open() {
    RequestCodec codec = new RequestCodec(new HttpDecoderConfig(), 100);
    channel.pipeline().addLast("codec", new HttpServerCodec());
    codec.replace(channel.pipeline(), "codec");
    channel.pipeline().addLast(new Http1Handler(frontend, codec));
    String head = "POST /gateway/a HTTP/1.1\r\nHost: h\r\nContent-Length: 9000\r\n\r\n";
    channel.writeInbound(Unpooled.copiedBuffer(head + "x".repeat(BODY), StandardCharsets.US_ASCII));
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  @Test
  void a_request_that_waits_for_the_lane_counts_with_its_body_until_that_is_taken() {
    assertThat(budget.held()).isEqualTo(BODY);
    frontend.gateway().use(new TextLane(request -> new CompletableFuture<>()));
    channel.runPendingTasks();
    assertThat(budget.held()).isZero();
  }

  @Test
  void a_connection_keeps_nothing_of_a_request_that_has_ended() {
    List<WeakReference<GatewayRequest>> last = new ArrayList<>();
    frontend
        .gateway()
        .use(
            new TextLane(
                request -> {
                  last.add(new WeakReference<>(request));
                  return CompletableFuture.completedFuture("text");
                }));
    channel.runPendingTasks();
    channel.writeInbound(Unpooled.wrappedBuffer(new byte[9000 - BODY]));
    Await.until(
        "it is forgotten",
        () -> {
          System.gc();
          return last.getFirst().refersTo(null);
        });
    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  void a_body_counts_until_its_client_has_gone() {
    assertThat(budget.held()).isEqualTo(BODY);
    channel.close();
    channel.runPendingTasks();
    assertThat(budget.held()).isZero();
  }
}
