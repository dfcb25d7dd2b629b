package dev.understudy.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeadWriterTest {
  private final HeadWriter out = new HeadWriter();

  private String written() {
    ByteBuf head = out.end(ByteBufAllocator.DEFAULT);
    String text = head.toString(StandardCharsets.ISO_8859_1);
    head.release();
    return text;
  }

  @Test
  void a_head_is_a_request_line_fields_and_an_empty_line() {
    out.begin(HttpMethod.GET, "/a?b=|");
    out.field("Name", "a value\twith \u00e4");
    out.field(AsciiString.of("-Other-").subSequence(1, 6), "");
    out.number(HeadWriter.ascii("number: "), 12);
    assertThat(written())
        .isEqualTo(
            "GET /a?b=| HTTP/1.1\r\nName: a value\twith \u00e4\r\nOther: \r\nnumber: 12\r\n\r\n");
  }

  @Test
  void a_new_head_has_nothing_of_the_one_before() {
    out.begin(HttpMethod.GET, "/first");
    out.field("left", "over");
    out.begin(HttpMethod.GET, "");
    assertThat(written()).isEqualTo("GET / HTTP/1.1\r\n\r\n");
  }

  @Test
  void a_large_head_is_whole() {
    String large = "x".repeat(100_000);
    out.begin(HttpMethod.GET, "/" + large);
    out.field("large", large);
    assertThat(written()).isEqualTo("GET /" + large + " HTTP/1.1\r\nlarge: " + large + "\r\n\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/a b", "/a\r\nx: y", "/\n", "/\t", "/\0"})
  void a_target_that_could_end_the_request_line_is_refused(String target) {
    assertThatIllegalArgumentException().isThrownBy(() -> out.begin(HttpMethod.GET, target));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a:", "a\r\n", "\u00e4", "\u010a"})
  void a_name_that_is_no_token_is_refused(String name) {
    assertThatIllegalArgumentException().isThrownBy(() -> out.field(name, "v"));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> out.field(new AsciiString(name.getBytes(StandardCharsets.UTF_8), false), "v"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\r\nb: c", "\n", "\r", "a\0", "\u000b", "\f"})
  void a_value_that_could_end_its_line_is_refused(String value) {
    assertThatIllegalArgumentException().isThrownBy(() -> out.field("name", value));
  }

  @Test
  void no_character_beyond_latin_1_turns_into_an_end_of_line() {
    out.begin(HttpMethod.GET, "/\u010d\u010a");
    out.field("name", "\u010d\u010a");
    assertThat(written()).isEqualTo("GET /\u00c4\u008d\u00c4\u008a HTTP/1.1\r\nname: ??\r\n\r\n");
  }
}
