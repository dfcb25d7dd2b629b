package dev.understudy.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatusLineTest {
  private static boolean isGood(String line) {
    ByteBuf in = Unpooled.copiedBuffer("xyz" + line, StandardCharsets.ISO_8859_1);
    return StatusLine.isGood(in, 3, in.writerIndex());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK",
        "HTTP/1.0 404 Not Found",
        "HTTP/1.9 999 ~!",
        "HTTP/1.1 100",
        "HTTP/1.1 200 ",
        "HTTP/1.1 200  \t",
        "HTTP/1.1 200 Sch\u00f6n\u0080\u00ff"
      })
  void good(String line) {
    assertThat(isGood(line)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "HTTP/1.1",
        "HTTP/1.1 20",
        "HTTP/1.1 2000",
        "HTTP/1.1 099 X",
        "HTTP/1.1 -20 X",
        "HTTP/1.1 2 0 X",
        "HTTP/1.1  200 OK",
        " HTTP/1.1 200 OK",
        "HTTP/1.1\t200 OK",
        "HTTP/1.1 200\tOK",
        "HTTP/2.0 200 OK",
        "HTTP/1.a 200 OK",
        "HTTP/1.10 200 OK",
        "http/1.1 200 OK",
        "HTTP/1.1 200 O\u0000K",
        "HTTP/1.1 200 O\u0007K",
        "HTTP/1.1 200 O\u001bK",
        "HTTP/1.1 200 O\rK",
        "HTTP/1.1 200 O\u007fK"
      })
  void bad(String line) {
    assertThat(isGood(line)).isFalse();
  }
}
