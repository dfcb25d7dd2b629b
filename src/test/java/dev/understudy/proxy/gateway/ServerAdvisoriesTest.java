package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.RawHttp2;
import dev.understudy.testing.Response;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServer;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Error;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What servers of HTTP/2 could send to a library that is below us, by its published advisories: no
 * client gets it.
 */
@ParameterizedClass
@MethodSource("lanes")
class ServerAdvisoriesTest extends LaneProtocolTable {
  private static final int END_OF_PREFACE = "SM\r\n\r\n".length();

  /** Values and names that HTTP/1 has no place for, and fields of requests. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "x: y\r\nz: 1",
        "x: y\nz: 1",
        "x: y\0z",
        "x\r\ny: z",
        "X: y",
        ":path: /x",
        ":unknown: x",
        "content-length: 0, 5",
        "content-length: 5",
      })
  void a_head_of_http_2_that_is_none_is_502(String field) {
    startHttp2(
        (call, stream) -> send(call, RawHttp2.HEADERS, 5, stream, block(":status: 200", field)));
    Response response = client().request("POST", "/", new byte[0]).response();
    assertThat(response.status()).isEqualTo(502);
  }

  private static byte[] block(String... fields) {
    return RawHttp2.block(fields);
  }

  /** Netty kept each change until the next request's head. */
  @Test
  void a_server_that_changes_the_header_table_size_all_the_time_is_left() throws Exception {
    CompletableFuture<Long> left = new CompletableFuture<>();
    startHttp2(
        (call, stream) -> {
          sizes(call, 201);
          left.complete(codeOfGoAway(call));
        });
    Response response = client().request("POST", "/", new byte[0]).response();
    assertThat(left.get(60, TimeUnit.SECONDS)).isEqualTo(Http2Error.ENHANCE_YOUR_CALM.code());
    assertThat(response.status()).isEqualTo(502);
  }

  @Test
  void a_server_that_changes_the_header_table_size_200_times_goes_on() {
    startHttp2(
        (call, stream) -> {
          sizes(call, 200);
          send(call, RawHttp2.HEADERS, 5, stream, block(":status: 204"));
        });
    assertThat(client().request("POST", "/", new byte[0]).response().status()).isEqualTo(204);
  }

  private static void sizes(TestServer.Call call, int times) throws IOException {
    for (int i = 0; i < times; i++) {
      ByteBuffer size = ByteBuffer.allocate(6);
      size.putShort((short) Http2CodecUtil.SETTINGS_HEADER_TABLE_SIZE).putInt(i % 2 * 4096);
      send(call, RawHttp2.SETTINGS, 0, 0, size.array());
    }
  }

  /** What a server of HTTP/2 does once a request's head is here. */
  @FunctionalInterface
  private interface Deed {
    void on(TestServer.Call call, int stream) throws IOException;
  }

  private void startHttp2(Deed deed) {
    TestServer server =
        new TestServer(
            "http2",
            call -> {
              call.in().skipNBytes(END_OF_PREFACE);
              send(call, RawHttp2.SETTINGS, 0, 0, new byte[0]);
              deed.on(call, streamOfFirstHead(call));
              call.in().transferTo(new ByteArrayOutputStream());
            });
    closeLater(server);
    start(TestPools.pool().master("a", server.port()).http2());
  }

  private static void send(TestServer.Call call, int type, int flags, int stream, byte[] payload)
      throws IOException {
    call.socket().getOutputStream().write(RawHttp2.encode(type, flags, stream, payload));
  }

  private static int streamOfFirstHead(TestServer.Call call) throws IOException {
    DataInputStream in = new DataInputStream(call.in());
    while (true) {
      int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
      int type = in.readUnsignedByte();
      in.readUnsignedByte();
      int stream = in.readInt();
      in.skipNBytes(length);
      if (type == RawHttp2.HEADERS) {
        return stream;
      }
    }
  }

  /** The error of the GOAWAY, after which the connection has to end. */
  private static long codeOfGoAway(TestServer.Call call) throws IOException {
    DataInputStream in = new DataInputStream(call.in());
    while (true) {
      int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
      int type = in.readUnsignedByte();
      in.skipNBytes(1 + Integer.BYTES);
      byte[] payload = in.readNBytes(length);
      if (type == RawHttp2.GOAWAY) {
        in.readAllBytes();
        return ByteBuffer.wrap(payload).getInt(Integer.BYTES);
      }
    }
  }
}
