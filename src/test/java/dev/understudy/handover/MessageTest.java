package dev.understudy.handover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.handover.Message.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageTest {
  private static Message read(String text) {
    return Message.read(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void a_message_is_read_as_it_was_written() {
    Message message = Message.state(Kind.STATE, Map.of("agreement", "{}"));
    assertThat(Message.read(message.bytes())).isEqualTo(message);
  }

  @Test
  void what_a_later_version_says_is_left() {
    assertThat(read("{\"step\":\"SPLICE\",\"more\":[1]}").kind()).isEqualTo(Kind.UNKNOWN);
    assertThat(read("{\"step\":\"DONE\",\"more\":[1]}")).isEqualTo(Message.of(Kind.DONE));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "{}", "[]", "null", "{\"step\":null}", "{\"step\":[]}", "GET / HTTP/1.1"})
  void anything_else_is_no_message(String text) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("expected a message");
  }
}
