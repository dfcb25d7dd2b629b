package dev.understudy.bench.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class HeadTest {
  private static final String REQUEST =
      "POST /post HTTP/1.1\r\nhost: h\r\nContent-Length: 16384\r\nCONNECTION: Close\r\n\r\n";

  private final Head head = new Head();

  private static ByteBuf bytes(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
  }

  @Test
  void a_request_is_read_up_to_its_body() {
    ByteBuf in = bytes(REQUEST + "body");
    assertThat(head.read(in)).isTrue();
    assertThat(in.toString(StandardCharsets.US_ASCII)).isEqualTo("body");
    assertThat(head.contentLength()).isEqualTo(16_384);
    assertThat(head.closes(in)).isTrue();
    assertThat(head.chunked()).isFalse();
    assertThat(head.begins(in, "POST ".getBytes(StandardCharsets.US_ASCII))).isTrue();
  }

  @Test
  void nothing_is_read_until_it_is_whole() {
    for (int length = 0; length < REQUEST.length(); length++) {
      ByteBuf in = bytes(REQUEST.substring(0, length));
      assertThat(head.read(in)).isFalse();
      assertThat(in.readerIndex()).isZero();
    }
  }

  @Test
  void a_response_has_a_status_and_nothing_of_the_one_before() {
    assertThat(head.read(bytes(REQUEST))).isTrue();
    ByteBuf in = bytes("HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n");
    assertThat(head.read(in)).isTrue();
    assertThat(head.status(in)).isEqualTo(404);
    assertThat(head.contentLength()).isEqualTo(-1);
    assertThat(head.chunked()).isTrue();
    assertThat(head.closes(in)).isFalse();
  }

  @Test
  void http_1_0_closes() {
    ByteBuf in = bytes("GET /status HTTP/1.0\r\n\r\n");
    assertThat(head.read(in)).isTrue();
    assertThat(head.closes(in)).isTrue();
  }
}
