package dev.understudy.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FieldLinesTest {
  private final FieldLines lines = new FieldLines(2);
  private final ByteBuf in = Unpooled.buffer();

  private boolean take(String more) {
    in.writeCharSequence(more, StandardCharsets.US_ASCII);
    return lines.take(in);
  }

  @Test
  void as_many_lines_as_are_allowed_pass_and_what_follows_the_head_is_not_counted() {
    assertThat(take("\r\nfirst\r\na:b\r\n c\r\n\r\nx\ny\nz\n")).isTrue();
  }

  @Test
  void one_more_does_not_though_the_head_has_not_ended() {
    assertThat(take("first\na\n")).isTrue();
    assertThat(take("b\nc")).isTrue();
    assertThat(take("\n")).isFalse();
  }

  @Test
  void bytes_that_were_looked_at_are_not_counted_again_when_some_are_consumed() {
    assertThat(take("first\r\na\r")).isTrue();
    in.skipBytes(7);
    lines.consumed(7);
    assertThat(take("\nb\r\n\r")).isTrue();
    assertThat(take("\nc\r\nd\r\n")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"\r\n", "\n"})
  void trailers_have_no_first_line_and_may_be_none(String end) {
    lines.end();
    lines.inTrailers();
    assertThat(take(end + "a\nb\nc\n")).isTrue();
    lines.end();
    in.skipBytes(in.readableBytes());
    lines.inTrailers();
    assertThat(take("a" + end + "b" + end + "c" + end)).isFalse();
  }
}
