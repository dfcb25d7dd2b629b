package dev.understudy.testing;

import dev.understudy.proxy.engine.Downstream;
import dev.understudy.proxy.engine.Exchange;
import dev.understudy.proxy.engine.LocalResponse;
import dev.understudy.proxy.frontend.GatewayLane;
import dev.understudy.proxy.frontend.GatewayRequest;
import dev.understudy.traffic.TraceContext;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** A Gateway lane without Spring: responds with a text once it is known, and reads no body. */
public record TextLane(Function<GatewayRequest, CompletionStage<String>> text)
    implements GatewayLane {
  @Override
  public Exchange exchange(GatewayRequest request, Downstream client) {
    return new Exchange() {
      private boolean over;

      @Override
      public TraceContext trace() {
        return null;
      }

      @Override
      public void start() {
        var unused =
            text.apply(request)
                .thenAccept(
                    known -> {
                      if (request.loop().inEventLoop()) {
                        respond(200, known);
                      } else {
                        request.loop().execute(() -> respond(200, known));
                      }
                    });
      }

      private void respond(int status, String body) {
        if (!over) {
          over = true;
          LocalResponse.text(status, body, request.id()).send(client, request.message().method());
        }
      }

      @Override
      public void requestBody(ByteBuf data) {
        data.release();
      }

      @Override
      public void requestEnd(HttpHeaders trailers) {}

      @Override
      public void clientGone() {
        over = true;
      }

      @Override
      public void refuse(int status) {
        respond(status, "refused");
      }

      @Override
      public void writabilityChanged() {}
    };
  }
}
