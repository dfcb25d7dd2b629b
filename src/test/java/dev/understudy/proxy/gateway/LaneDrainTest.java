package dev.understudy.proxy.gateway;

import static dev.understudy.proxy.gateway.LaneApp.everything;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.testing.Await;
import dev.understudy.testing.RawClient;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LaneDrainTest {
  @Test
  void at_a_stop_running_requests_end_and_their_responses_close_the_connection() throws Exception {
    LaneApp app = LaneApp.start();
    app.use(List.of(), everything());
    app.engine.script(call -> {});
    try (RawClient client = new RawClient(app.port())) {
      client.sendLines("GET / HTTP/1.1\nHost: a\n\n");
      Await.until("it runs", () -> !app.engine.calls.isEmpty());
      Frontend frontend = app.context.getBean(Frontend.class);
      CompletableFuture<Void> closing = new CompletableFuture<>();
      Thread.ofPlatform()
          .start(
              () -> {
                app.close();
                closing.complete(null);
              });
      Await.until("we are stopping", frontend::isStopping);
      assertThat(closing).isNotDone();
      ScriptedEngine.Call call = app.engine.last();
      call.loop.execute(() -> call.respond(200, "to the end"));
      assertThat(client.readAll())
          .containsIgnoringCase("connection: close")
          .endsWith("\r\n\r\nto the end");
      closing.get(20, TimeUnit.SECONDS);
    }
  }
}
