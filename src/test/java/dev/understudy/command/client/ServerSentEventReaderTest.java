package dev.understudy.command.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.command.client.ServerSentEventReader.StreamedEvent;
import dev.understudy.testing.Extent;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Server-sent events, by the rules of the standard. */
@Tag(Extent.SLOW)
class ServerSentEventReaderTest {
  private static List<StreamedEvent> read(ServerSentEventReader reader) throws IOException {
    List<StreamedEvent> events = new ArrayList<>();
    for (StreamedEvent e = reader.next(); e != null; e = reader.next()) {
      events.add(e);
    }
    return events;
  }

  private static ServerSentEventReader reader(String text) {
    return new ServerSentEventReader(
        new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), 2_000);
  }

  @Test
  void lines_of_data_are_joined_and_the_id_stays_until_another_comes() throws IOException {
    assertThat(read(reader("id: 7\r\ndata: a\r\ndata:b\r\n\r\nevent: x\ndata:  ü\n\n")))
        .containsExactly(new StreamedEvent("7", "a\nb"), new StreamedEvent("7", " ü"));
  }

  @Test
  void comments_unknown_fields_and_blocks_without_data_are_no_events() throws IOException {
    assertThat(read(reader(":heartbeat\n\nid:3\n\nother: x\ndata\n\n")))
        .containsExactly(new StreamedEvent("3", ""));
  }

  @Test
  void an_event_that_the_end_cuts_off_is_dropped_and_reported() throws IOException {
    for (String cut : List.of("data: b\n", "data: b", "id:7\ndata: b\r")) {
      ServerSentEventReader reader = reader("data: a\n\n" + cut);
      assertThat(reader.next()).isEqualTo(new StreamedEvent(null, "a"));
      assertThatThrownBy(reader::next).hasMessage("the stream ended within an event");
    }
    ServerSentEventReader whole = reader("data: a\n\n:heartbeat\n\n");
    assertThat(whole.next()).isEqualTo(new StreamedEvent(null, "a"));
    assertThat(whole.next()).isNull();
  }

  @ParameterizedTest
  @CsvSource({"5, 5", "-1, 0", "9999999, 60000", "x, 2000"})
  void the_pause_is_the_streams_within_bounds(String sent, int millis) throws IOException {
    ServerSentEventReader reader = reader("retry:" + sent + "\ndata:a\n\n");
    assertThat(read(reader)).hasSize(1);
    assertThat(reader.retryMillis()).isEqualTo(millis);
  }

  @Test
  void an_endless_line_ends_the_connection() {
    assertThatThrownBy(() -> read(reader("data:" + "x".repeat(1 << 20))))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("1048576 bytes");
  }
}
