package dev.understudy.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class PlainHeadersTest {
  private static final List<AsciiString> NAMES =
      List.of(
          HttpHeaderNames.HOST,
          HttpHeaderNames.ACCEPT,
          HttpHeaderNames.CONNECTION,
          AsciiString.cached("HOST"),
          AsciiString.cached("x-" + "long".repeat(20)),
          AsciiString.cached("x-none"));

  private static final List<String> VALUES =
      List.of("a", "close, x", "b \t c", "", "padded ", "\u00e4", "v".repeat(150));

  private static PlainHeaders of(String lines) {
    ByteBuf in =
        Unpooled.copiedBuffer("GET / HTTP/1.1\r\n" + lines + "\r\n", StandardCharsets.UTF_8);
    PlainHead head = PlainHead.at(in);
    in.release();
    assertThat(head).isNotNull();
    return head.headers();
  }

  @RepeatedTest(20)
  void they_behave_as_the_headers_of_Netty(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    for (int i = 0; i < 100; i++) {
      PlainHeaders plain = of("Host: h\r\nAccept: a/b\r\naccept: c/d\r\nConnection: x, Close\r\n");
      HttpHeaders model =
          new DefaultHttpHeaders()
              .add("Host", "h")
              .add("Accept", "a/b")
              .add("accept", "c/d")
              .add("Connection", "x, Close");
      for (int step = 0; step < 8; step++) {
        AsciiString name = NAMES.get(random.nextInt(NAMES.size()));
        CharSequence as = random.nextBoolean() ? name : name.toString();
        String value = VALUES.get(random.nextInt(VALUES.size()));
        change(random.nextInt(10), as, value, plain, model);
        compare(plain, model, as);
      }
    }
  }

  private static void change(int what, CharSequence name, String value, HttpHeaders... all) {
    for (HttpHeaders each : all) {
      switch (what) {
        case 0, 1, 2 -> each.set(name, value);
        case 3, 4 -> each.add(name, value);
        case 5, 6, 7 -> each.remove(name);
        case 8 -> each.setInt(name, 7);
        default -> each.add(name, List.of("p", "q"));
      }
    }
  }

  private static void compare(PlainHeaders plain, HttpHeaders model, CharSequence name) {
    assertThat(plain.get(name)).isEqualTo(model.get(name));
    assertThat(plain.getAll(name)).isEqualTo(model.getAll(name));
    assertThat(plain.contains(name)).isEqualTo(model.contains(name));
    assertThat(plain.containsValue(name, "close", true))
        .isEqualTo(model.containsValue(name, "close", true));
    assertThat(plain.size()).isEqualTo(model.size());
    StringBuilder fields = new StringBuilder();
    plain
        .iteratorCharSequence()
        .forEachRemaining(each -> fields.append(each.getKey()).append(each.getValue()));
    StringBuilder expected = new StringBuilder();
    model
        .iteratorCharSequence()
        .forEachRemaining(each -> expected.append(each.getKey()).append(each.getValue()));
    assertThat(fields).hasToString(expected.toString());
  }

  @Test
  void lines_are_written_as_they_came_and_as_they_were_set() {
    PlainHeaders headers = of("Host: h\r\nA: 1\r\nServer: s\r\nB: 2 3\r\n");
    headers.remove("a").set("HOST", "other").add("C", "3");
    ByteBuf out = Unpooled.buffer();
    headers.writeTo(out);
    assertThat(out.toString(StandardCharsets.US_ASCII))
        .isEqualTo("Server: s\r\nB: 2 3\r\nHOST: other\r\nC: 3\r\n")
        .hasSize(headers.bytes());
    assertThat(headers.isPlain()).isTrue();
  }

  @Test
  void a_length_is_one_simple_number() {
    assertThat(of("A: b\r\n").contentLength()).isEqualTo(PlainHeaders.NO_LENGTH);
    assertThat(of("content-length: 0123456789\r\n").contentLength()).isEqualTo(123456789);
    for (String unclear :
        List.of("1\r\nContent-Length: 1", "+1", "-1", "1,1", "1 ,1", "0x1", "1".repeat(19))) {
      assertThat(of("Content-Length: " + unclear + "\r\n").contentLength())
          .as(unclear)
          .isEqualTo(PlainHeaders.UNCLEAR);
    }
  }
}
