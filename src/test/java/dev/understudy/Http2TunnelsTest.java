package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.http.WebSocketHandshake;
import dev.understudy.testing.Await;
import dev.understudy.testing.RawHttp2;
import dev.understudy.testing.RawHttp2.Frame;
import dev.understudy.testing.TestServer;
import io.netty.handler.codec.http2.Http2Error;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** WebSockets over HTTP/2 on sockets, frame by frame: pace, ends and number. */
class Http2TunnelsTest {
  private static final int STREAM = 1;
  private static final int WINDOW = 65_535;
  private static final int LONG = 1024 * 1024;
  private static final int CONNECTIONS = 10;
  private static final int EACH = 100;

  /** A message of a client, masked with zeros. */
  private static final byte[] HI = {(byte) 0x82, (byte) 0x82, 0, 0, 0, 0, 'h', 'i'};

  private static final byte[] CLIENT_CLOSE = {(byte) 0x88, (byte) 0x80, 0, 0, 0, 0};
  private static final byte[] SERVER_CLOSE = {(byte) 0x88, 0};

  @AutoClose private static TestProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    proxy = TestProxy.secure(folder, "understudy.client.max-requests-per-connection=" + (EACH + 1));
  }

  @AfterEach
  void nobody_is_left() {
    proxy.rest();
  }

  private static void agree(TestServer.Call call) throws IOException {
    call.write(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Accept: "
            + WebSocketHandshake.accept(call.header("sec-websocket-key"))
            + "\r\n\r\n");
  }

  private static void echo(TestServer.Call call) throws IOException {
    agree(call);
    call.in().transferTo(call.socket().getOutputStream());
    call.close();
  }

  /** Returns what completes when the server has heard of its tunnel's end. */
  private static CompletableFuture<Void> echoUntilTold() {
    CompletableFuture<Void> told = new CompletableFuture<>();
    proxy.server.script(
        call -> {
          try {
            echo(call);
          } finally {
            told.complete(null);
          }
        });
    return told;
  }

  private static RawHttp2 connect() throws IOException {
    return RawHttp2.connect(proxy.port()).settings();
  }

  private static RawHttp2 open(RawHttp2 client, int stream) throws IOException {
    return client.head(
        stream,
        false,
        ":method: CONNECT",
        ":protocol: websocket",
        ":scheme: https",
        ":authority: h.test",
        ":path: /express/ws",
        "sec-websocket-version: 13");
  }

  /** A connection with one tunnel. */
  private static RawHttp2 tunnel() throws IOException {
    RawHttp2 client = open(connect(), STREAM);
    assertThat(client.read(RawHttp2.HEADERS, STREAM).fields().status()).hasToString("200");
    return client;
  }

  private static void send(RawHttp2 client, byte[] bytes, boolean end) throws IOException {
    client.frame(RawHttp2.DATA, end ? RawHttp2.END_STREAM : 0, STREAM, bytes);
  }

  /** The bytes of the tunnel until that many have come. */
  private static byte[] bytes(RawHttp2 client, int count) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    while (all.size() < count) {
      all.writeBytes(client.read(RawHttp2.DATA, STREAM).payload());
    }
    return all.toByteArray();
  }

  /** What comes on the stream up to its end, by words; the connection is then used no more. */
  private static List<String> ends(RawHttp2 client) throws IOException {
    client.frame(RawHttp2.PING, 0, 0, new byte[8]);
    List<String> ends = new ArrayList<>();
    while (true) {
      Frame frame = client.read();
      if (frame.type() == RawHttp2.PING && frame.is(RawHttp2.ACK)) {
        return ends;
      }
      if (frame.type() == RawHttp2.RST_STREAM) {
        ends.add(Http2Error.valueOf(frame.number(0)).name());
      } else if (frame.stream() == STREAM && frame.is(RawHttp2.END_STREAM)) {
        ends.add("end");
      }
    }
  }

  /** Reads up to the end of the stream, which must be a regular one. */
  private static byte[] untilEnd(RawHttp2 client) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    while (true) {
      Frame frame = client.read(RawHttp2.DATA, STREAM);
      all.writeBytes(frame.payload());
      if (frame.is(RawHttp2.END_STREAM)) {
        return all.toByteArray();
      }
    }
  }

  @Test
  void a_slow_reader_gets_everything_and_holds_its_server_back() throws Exception {
    CompletableFuture<Void> written = new CompletableFuture<>();
    ByteBuffer message = ByteBuffer.allocate(10 + 16 * LONG);
    message.put((byte) 0x82).put((byte) 127).putLong(16 * LONG);
    proxy.server.script(
        call -> {
          agree(call);
          call.socket().getOutputStream().write(message.array());
          written.complete(null);
          call.in().transferTo(call.socket().getOutputStream());
          call.close();
        });
    try (RawHttp2 client = tunnel()) {
      int came = bytes(client, WINDOW).length;
      assertThat(came).isEqualTo(WINDOW);
      assertThat(written).isNotDone();
      while (came < message.capacity()) {
        client.window(0, LONG).window(STREAM, LONG);
        came += bytes(client, Math.min(LONG, message.capacity() - came)).length;
      }
      assertThat(came).isEqualTo(message.capacity());
      written.get(1, TimeUnit.MINUTES);
    }
  }

  @Test
  void a_client_ends_its_direction_first() throws Exception {
    CompletableFuture<byte[]> heard = new CompletableFuture<>();
    proxy.server.script(
        call -> {
          agree(call);
          heard.complete(call.in().readAllBytes());
          call.socket().getOutputStream().write(SERVER_CLOSE);
          call.close();
        });
    try (RawHttp2 client = tunnel()) {
      send(client, HI, false);
      send(client, CLIENT_CLOSE, true);
      assertThat(untilEnd(client)).isEqualTo(SERVER_CLOSE);
      assertThat(heard.join()).startsWith(HI).endsWith(CLIENT_CLOSE);
      assertThat(ends(client)).isEmpty();
    }
  }

  @Test
  void a_server_ends_its_direction_first() throws Exception {
    CompletableFuture<byte[]> heard = new CompletableFuture<>();
    proxy.server.script(
        call -> {
          agree(call);
          call.socket().getOutputStream().write(SERVER_CLOSE);
          call.socket().shutdownOutput();
          heard.complete(call.in().readAllBytes());
          call.close();
        });
    try (RawHttp2 client = tunnel()) {
      assertThat(untilEnd(client)).isEqualTo(SERVER_CLOSE);
      send(client, HI, false);
      send(client, CLIENT_CLOSE, true);
      assertThat(heard.get(1, TimeUnit.MINUTES)).startsWith(HI).endsWith(CLIENT_CLOSE);
      assertThat(ends(client)).isEmpty();
    }
  }

  @Test
  void a_client_resets_its_stream_and_gets_no_reset() throws Exception {
    CompletableFuture<Void> told = echoUntilTold();
    try (RawHttp2 client = tunnel()) {
      send(client, HI, false);
      assertThat(bytes(client, HI.length)).isEqualTo(HI);
      client.reset(STREAM, (int) Http2Error.CANCEL.code());
      told.get(1, TimeUnit.MINUTES);
      assertThat(ends(client)).isEmpty();
    }
  }

  @Test
  void a_server_resets_within_a_message() throws Exception {
    proxy.server.script(
        call -> {
          agree(call);
          call.socket().getOutputStream().write(new byte[] {(byte) 0x82, 100, 'a'});
          call.in().read();
          call.reset();
        });
    try (RawHttp2 client = tunnel()) {
      bytes(client, 3);
      send(client, HI, false);
      assertThat(client.read(RawHttp2.RST_STREAM, STREAM).number(0))
          .isEqualTo(Http2Error.CANCEL.code());
      assertThat(ends(client)).isEmpty();
    }
  }

  @Test
  void a_client_that_breaks_its_connection_off_ends_its_tunnels() throws Exception {
    CompletableFuture<Void> told = echoUntilTold();
    try (RawHttp2 client = tunnel()) {
      send(client, HI, false);
      bytes(client, HI.length);
      client.breakOff();
      told.get(1, TimeUnit.MINUTES);
    }
  }

  @Test
  void a_tunnel_outlives_goaway_and_its_connection_ends_with_it() throws Exception {
    proxy.server.script(
        call -> {
          if (call.line().contains("ws")) {
            echo(call);
          } else {
            call.reply(200, "ok");
          }
        });
    try (RawHttp2 client = tunnel()) {
      for (int i = 1; i <= EACH; i++) {
        client.get(STREAM + 2 * i, "/express/x");
        if (i < EACH) {
          client.read(RawHttp2.HEADERS, STREAM + 2 * i);
        }
      }
      Frame leaving = client.read(RawHttp2.GOAWAY);
      assertThat(leaving.number(0)).isEqualTo(Integer.MAX_VALUE);
      send(client, HI, false);
      assertThat(bytes(client, HI.length)).isEqualTo(HI);
      send(client, CLIENT_CLOSE, true);
      assertThat(untilEnd(client)).isEqualTo(CLIENT_CLOSE);
      assertThat(client.rest()).noneMatch(frame -> frame.type() == RawHttp2.RST_STREAM);
    }
  }

  @Test
  void a_thousand_tunnels_on_ten_connections_echo() throws Exception {
    proxy.server.script(Http2TunnelsTest::echo);
    List<RawHttp2> clients = new ArrayList<>();
    try {
      for (int i = 0; i < CONNECTIONS; i++) {
        RawHttp2 client = connect();
        clients.add(client);
        for (int each = 0; each < EACH; each++) {
          open(client, 2 * each + 1).frame(RawHttp2.DATA, 0, 2 * each + 1, HI);
        }
      }
      for (RawHttp2 client : clients) {
        for (int came = 0; came < EACH * HI.length; ) {
          came += client.read(RawHttp2.DATA).payload().length;
        }
      }
      Await.until("all are counted", () -> proxy.server.openConnections() >= CONNECTIONS * EACH);
    } finally {
      clients.forEach(RawHttp2::close);
    }
    Await.until("all are over", () -> proxy.server.openConnections() == 0);
  }
}
