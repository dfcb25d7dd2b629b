package dev.understudy.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
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
        "HTTP/1.1 200 OK", "HTTP/1.0 404 Not Found", "HTTP/1.9 999 ~!",
        "HTTP/1.1 100", "HTTP/1.1 200 ", "HTTP/1.1 200  \t",
        "HTTP/1.1 200   OK", "HTTP/1.1 200 O\tK", "HTTP/1.1 200 Sch\u00f6n\u0080\u00ff"
      })
  void good(String line) {
    assertThat(isGood(line)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 20",
        "HTTP/1.1 2 X", "HTTP/1.1 99 X", "HTTP/1.1 2000", "HTTP/1.1 099 X",
        "HTTP/1.1 -20 X", "HTTP/1.1 +20 X", "HTTP/1.1 +200 X", "HTTP/1.1 0200 X",
        "HTTP/1.1 000 X", "HTTP/1.1 2O0 X", "HTTP/1.1 20x X", "HTTP/1.1 2 0 X",
        "HTTP/1.1  200 OK", " HTTP/1.1 200 OK", "HTTP/1.1\t200 OK", "HTTP/1.1 200\tOK",
        "HTTP/1.1\u000b200 OK", "HTTP/1.1\t200\tOK", "HTTP/1.1 200\t", "\tHTTP/1.1 200 OK",
        "HTTP/2.0 200 OK", "HTTP/0.9 200 OK", "HTTP/9.9 200 OK", "HTTP/2 200 OK",
        "HTTP/1 200 OK", "HTTP/11.1 200 OK", "ICY 200 OK", "RTSP/1.0 200 OK",
        "HTTP/1.a 200 OK", "HTTP/1.10 200 OK", "http/1.1 200 OK"
      })
  void bad(String line) {
    assertThat(isGood(line)).isFalse();
  }

  /** RFC 9112 §4: white space, visible characters and what is beyond ASCII. */
  @Test
  void no_control_character_stands_in_a_reason_phrase() {
    for (char c = 0; c <= 0xff; c++) {
      boolean text = c == '\t' || c >= ' ' && c != 0x7f;
      for (String reason : List.of("O" + c + "K", c + "OK", c + " ")) {
        assertThat(isGood("HTTP/1.1 200 " + reason))
            .as("%x in %s", (int) c, reason)
            .isEqualTo(text);
      }
    }
  }
}
