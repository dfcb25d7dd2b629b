package dev.understudy.proxy.gateway;

import static dev.understudy.proxy.gateway.LaneApp.everything;
import static dev.understudy.testing.TestRoutes.route;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.RawClient;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Routes to a target that is no pool, which the Gateway's own client asks. */
class OtherTargetsTest extends ScriptedLaneTable {
  private LaneApp target;

  @BeforeEach
  void lead_there() {
    target = SharedApplications.borrow();
    target.use(List.of(), everything());
    app.use(List.of(), route("plain", "http://127.0.0.1:" + target.port(), "Path=/**"));
  }

  @AfterEach
  void give_back() {
    SharedApplications.giveBack(target);
  }

  @Test
  void its_trailers_reach_the_client() {
    target.engine.script(
        call -> {
          call.downstream.head(ScriptedEngine.head(200));
          call.downstream.body(ScriptedEngine.text("x"));
          call.downstream.end(new DefaultHttpHeaders().add("X-Sum", "7"));
        });
    assertThat(get("/")).startsWith("HTTP/1.1 200").endsWith("0\r\nX-Sum: 7\r\n\r\n");
  }

  @Test
  void each_element_of_its_event_stream_leaves_at_once() {
    target.engine.script(
        call -> {
          call.downstream.head(ScriptedEngine.head(200, "Content-Type", "text/event-stream"));
          call.downstream.body(ScriptedEngine.text("data: 1\n\n"));
          call.downstream.flush();
        });
    try (RawClient client = connect()) {
      client.request("GET", "/");
      client.readUntil("data: 1\n\n");
      ScriptedEngine.Call call = target.engine.last();
      call.loop.execute(
          () -> {
            call.downstream.body(ScriptedEngine.text("data: 2\n\n"));
            call.downstream.end(EmptyHttpHeaders.INSTANCE);
            call.downstream.flush();
          });
      client.readUntil("data: 2\n\n");
    }
  }

  @Test
  void a_body_reaches_it() {
    assertThat(exchange("POST /p HTTP/1.1\nHost: a\nConnection: close\nContent-Length: 5\n\nhello"))
        .endsWith("/p\nhello");
  }
}
