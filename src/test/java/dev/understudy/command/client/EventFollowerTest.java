package dev.understudy.command.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.status.JsonValue;
import dev.understudy.testing.Extent;
import dev.understudy.testing.ScriptedServer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The stream of events over connections that break. */
class EventFollowerTest {
  private static final String HEAD =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
          + ":understudy\nretry:1\n\n";

  /** A response whose end shows that it is not whole. */
  private static final String ENDLESS_CHUNK =
      HEAD.replace("Connection: close", "Transfer-Encoding: chunked")
          .replace("\r\n\r\n", "\r\n\r\nFFFF\r\n");

  private static final String STOPPING =
      "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

  private final List<String> heads = new ArrayList<>();
  private final List<String> said = new ArrayList<>();

  private static String event(String id, String message) {
    return event(id, "2026-11-21T18:00:05Z", message);
  }

  private static String event(String id, String at, String message) {
    return "id:%s\nevent:switched\ndata:{\"at\":\"%s\",\"message\":\"%s\"}\n\n"
        .formatted(id, at, message);
  }

  /**
   * The messages of events of a replica whose connections get those responses, one each; the last
   * one stays open.
   */
  private List<String> follow(int silenceMillis, String after, int wanted, String... responses)
      throws Exception {
    AtomicInteger connections = new AtomicInteger();
    List<String> messages = new ArrayList<>();
    try (ScriptedServer server =
        new ScriptedServer(
            connection -> {
              heads.add(connection.readHead());
              int number = connections.getAndIncrement();
              String response = responses[Math.min(number, responses.length - 1)];
              connection.send(response);
              if (number >= responses.length - 1 || response.equals(HEAD)) {
                connection.awaitEnd();
              }
            })) {
      ManagementApi api =
          new ManagementApi(
              URI.create("http://127.0.0.1:" + server.port()),
              null,
              null,
              ManagementApi.Notice.NONE);
      new EventFollower(api, "/api/events/stream", after, said::add, silenceMillis)
          .follow(
              event -> {
                messages.add(
                    JsonValue.parse(event.getBytes(StandardCharsets.UTF_8)).at("message").text(""));
                return messages.size() < wanted;
              });
      return messages;
    }
  }

  private List<String> follow(String after, int wanted, String... responses) throws Exception {
    return follow(45_000, after, wanted, responses);
  }

  @Test
  void a_broken_connection_is_resumed_after_the_last_event() throws Exception {
    String broken = event("A-5", "five") + event("A-6", "six") + "id:A-7\ndata:{\"cut";
    assertThat(follow("4", 3, ENDLESS_CHUNK + broken, HEAD + event("A-7", "seven")))
        .containsExactly("five", "six", "seven");
    assertThat(heads.get(0)).contains("Last-Event-ID: 4\r\n");
    assertThat(heads.get(1)).contains("Last-Event-ID: A-6\r\n");
    assertThat(said).hasSize(2);
    assertThat(said.get(0)).startsWith("connection to http://127.0.0.1:").contains("lost: ");
    assertThat(said.get(1)).isEqualTo("connected again");
  }

  /** Whatever its clock says: only the replica knows what is new. */
  @Test
  @Tag(Extent.SLOW)
  void events_of_another_history_are_printed_and_none_is_dropped() throws Exception {
    String first = event("A-1", "one") + event("A-2", "lost by the crash");
    String next = event("B-2", "started") + event("B-3", "2026-11-21T17:00:00Z", "clock went back");
    assertThat(follow("A-0", 4, HEAD + first, HEAD + next))
        .containsExactly("one", "lost by the crash", "started", "clock went back");
    assertThat(heads.get(1)).contains("Last-Event-ID: A-2\r\n");
    assertThat(said).containsExactly("the replica was restarted, or another replica responds");
  }

  @Test
  @Tag(Extent.SLOW)
  void a_stopping_replica_is_asked_again() throws Exception {
    assertThat(follow("0", 2, HEAD + event("A-1", "one"), STOPPING, HEAD + event("A-2", "two")))
        .containsExactly("one", "two");
    assertThat(said)
        .satisfiesExactly(
            lost -> assertThat(lost).contains("lost: the replica is stopping"),
            back -> assertThat(back).isEqualTo("connected again"));
  }

  @Test
  @Tag(Extent.SLOW)
  void a_stream_that_ends_whole_is_opened_again_without_a_word() throws Exception {
    String heartbeat = ":heartbeat\n\n";
    assertThat(
            follow(
                "0",
                3,
                HEAD + event("A-1", "1"),
                HEAD + event("A-2", "2") + heartbeat,
                HEAD + event("A-3", "3")))
        .containsExactly("1", "2", "3");
    assertThat(said).isEmpty();
  }

  @Test
  @Tag(Extent.SLOW)
  void a_silent_stream_counts_as_lost_after_the_announced_time() throws Exception {
    assertThat(follow(1_000, "0", 1, HEAD, HEAD + event("A-1", "one"))).containsExactly("one");
    assertThat(said).hasSize(2);
    assertThat(said.get(0)).endsWith("lost: no response within 1 s; trying again");
  }

  @Test
  @Tag(Extent.SLOW)
  void a_page_in_place_of_the_stream_ends_the_command() {
    String page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>";
    assertThatThrownBy(() -> follow("0", 1, page))
        .isInstanceOf(ClientFailure.class)
        .hasMessageContaining("not as Understudy's management API");
  }
}
