package dev.understudy.proxy.gateway;

import static dev.understudy.proxy.gateway.LaneApp.everything;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.http.UpgradeOffer;
import dev.understudy.testing.RawClient;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class UpgradeTest {
  private static final String HANDSHAKE =
      "GET /ws HTTP/1.1\nHost: a\nConnection: Upgrade\nUpgrade: websocket\n"
          + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nSec-WebSocket-Version: 13\n\n";

  private static LaneApp app;

  @BeforeAll
  static void start() {
    app = LaneApp.start();
    app.use(List.of(), everything("AddResponseHeader=X-After, 1"));
  }

  @AfterAll
  static void stop() {
    app.close();
  }

  /** Answers each byte with its capital. */
  private static final class Shout extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (!(message instanceof ByteBuf data)) {
        ReferenceCountUtil.release(message); // The end of the handshake.
        return;
      }
      String text = data.toString(StandardCharsets.US_ASCII);
      data.release();
      ctx.writeAndFlush(ScriptedEngine.text(text.toUpperCase(Locale.ROOT)));
    }
  }

  private static void shout(ScriptedEngine.Call call) {
    Channel client =
        call.downstream.upgrade(
            ScriptedEngine.head(
                101, "Upgrade", "websocket", "Connection", "upgrade", "Sec-WebSocket-Accept", "x"));
    assertThat(client.config().isAutoRead()).isFalse();
    client.pipeline().addLast(new Shout());
    client.config().setAutoRead(true);
  }

  @Test
  void the_channel_is_given_away_after_the_101() throws IOException {
    app.engine.script(UpgradeTest::shout);
    try (RawClient client = new RawClient(app.port())) {
      client.sendLines(HANDSHAKE);
      assertThat(client.readUntil("\r\n\r\n"))
          .startsWith("HTTP/1.1 101")
          .contains("Sec-WebSocket-Accept: x");
      assertThat(app.engine.last().request.upgrade()).isEqualTo(UpgradeOffer.WEB_SOCKET);
      client.sendLines("hello").readUntil("HELLO");
      client.sendLines("GET / HTTP/1.1").readUntil("GET / HTTP/1.1");
      assertThat(app.engine.last().gone).isFalse();
    }
  }

  @Test
  void a_refused_handshake_gets_an_ordinary_response() throws IOException {
    app.engine.script(call -> call.respond(426, "no"));
    try (RawClient client = new RawClient(app.port())) {
      client.sendLines(HANDSHAKE);
      assertThat(client.readUntil("no")).startsWith("HTTP/1.1 426").contains("X-After");
    }
  }

  @Test
  void an_upgrade_to_something_else_is_not_a_websocket() throws IOException {
    app.engine.script(ScriptedEngine.Call::echo);
    try (RawClient client = new RawClient(app.port())) {
      client.sendLines(
          "GET / HTTP/1.1\nHost: a\nConnection: Upgrade, HTTP2-Settings\nUpgrade: h2c\n\n");
      assertThat(client.readUntil("\r\n")).startsWith("HTTP/1.1 200");
    }
    assertThat(app.engine.last().request.upgrade()).isNull();
  }
}
