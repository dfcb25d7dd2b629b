package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Http2Server;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestClient;
import dev.understudy.testing.TestPools;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Settings;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Responses of gRPC that their servers do not complete, in each lane. */
@ParameterizedClass
@MethodSource("http2")
class GrpcResponsesTest extends LaneProtocolTable {
  /** What becomes of a response that has begun. */
  private enum Breach {
    RESET(call -> call.reset(Http2Error.INTERNAL_ERROR)),
    CANCEL(call -> call.reset(Http2Error.CANCEL)),
    LOST(Http2Server.Call::cut),
    SILENT(call -> {});

    private final Consumer<Http2Server.Call> by;

    Breach(Consumer<Http2Server.Call> by) {
      this.by = by;
    }
  }

  private void serveAndBreak(String type, String part, Breach breach) {
    Http2Server server =
        new Http2Server(
            call -> {
              call.head(200, false, "content-type: " + type);
              if (!part.isEmpty()) {
                call.data(part, false);
              }
              call.soFar();
              breach.by.accept(call);
            },
            null,
            Http2Settings.defaultSettings());
    closeLater(server);
    Duration idle = Duration.ofMillis(breach == Breach.SILENT ? 300 : 60_000);
    start(
        TestPools.pool()
            .master("a", server.port())
            .http2()
            .timeouts(Duration.ofSeconds(2), Duration.ofSeconds(60), idle));
  }

  @ParameterizedTest
  @EnumSource(Breach.class)
  void a_grpc_response_that_its_server_does_not_complete_is_unavailable(Breach breach) {
    for (String part : List.of("", "part")) {
      serveAndBreak("application/grpc+proto", part, breach);
      Response whole = client().request("POST", "/", bytes(5), "te: trailers").response();
      assertThat(whole.status()).isEqualTo(200);
      assertThat(whole.body()).startsWith(part + "[grpc-status: 14]").contains("[grpc-message: ");
      assertThat(whole.reset()).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"application/json", "application/grpc-web+proto", "application/grpcx"})
  void any_other_response_that_its_server_does_not_complete_is_broken_off(String type) {
    serveAndBreak(type, "part", Breach.RESET);
    assertThat(client().get("/").reset()).isTrue();
  }

  @Test
  void a_client_that_still_sends_gets_the_status() {
    serveAndBreak("application/grpc", "part", Breach.RESET);
    TestClient client = client().begin("POST", "/", -1, "te: trailers").body("first");
    assertThat(client.response().body()).startsWith("part[grpc-status: 14]");
  }
}
