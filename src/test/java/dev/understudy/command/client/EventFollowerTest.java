package dev.understudy.command.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.testing.ScriptedServer;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
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

  private static String event(String id, String at, String message) {
    return "id:"
        + id
        + "\nevent:switched\ndata:{\"at\":\""
        + at
        + "\",\"message\":\""
        + message
        + "\"}\n\n";
  }

  @Test
  void a_broken_connection_is_resumed_after_the_last_event() throws Exception {
    List<String> heads = new ArrayList<>();
    AtomicInteger connections = new AtomicInteger();
    try (ScriptedServer server =
        new ScriptedServer(
            connection -> {
              heads.add(connection.readHead());
              if (connections.getAndIncrement() == 0) {
                connection.send(ENDLESS_CHUNK + event("A-5", "2026-11-21T18:00:05Z", "five"));
                connection.send(event("A-6", "2026-11-21T18:00:06Z", "six"));
                connection.send("id:A-7\ndata:{\"cut");
              } else {
                connection.send(HEAD + event("A-7", "2026-11-21T18:00:06Z", "seven"));
                connection.awaitEnd();
              }
            })) {
      List<String> said = new ArrayList<>();
      assertThat(follow(server, "4", 3, said)).containsExactly("five", "six", "seven");
      assertThat(heads.get(0)).contains("Last-Event-ID: 4\r\n");
      assertThat(heads.get(1)).contains("Last-Event-ID: A-6\r\n");
      assertThat(said).hasSize(2);
      assertThat(said.get(0)).startsWith("connection to http://127.0.0.1:").contains("lost: ");
      assertThat(said.get(1)).isEqualTo("connected again");
    }
  }

  /** Whatever its clock says: only the replica knows what is new. */
  @Test
  void events_of_another_history_are_printed_and_none_is_dropped() throws Exception {
    List<String> heads = new ArrayList<>();
    AtomicInteger connections = new AtomicInteger();
    try (ScriptedServer server =
        new ScriptedServer(
            connection -> {
              heads.add(connection.readHead());
              if (connections.getAndIncrement() == 0) {
                connection.send(HEAD + event("A-1", "2026-11-21T18:00:01Z", "one"));
                connection.send(event("A-2", "2026-11-21T18:00:02Z", "lost by the crash"));
              } else {
                connection.send(HEAD + event("B-2", "2026-11-21T18:00:02Z", "started"));
                connection.send(event("B-3", "2026-11-21T17:00:00Z", "clock went back"));
                connection.awaitEnd();
              }
            })) {
      List<String> said = new ArrayList<>();
      assertThat(follow(server, "A-0", 4, said))
          .containsExactly("one", "lost by the crash", "started", "clock went back");
      assertThat(heads.get(1)).contains("Last-Event-ID: A-2\r\n");
      assertThat(said).containsExactly("the replica was started anew, or another replica responds");
    }
  }

  @Test
  void a_stopping_replica_is_asked_again() throws Exception {
    AtomicInteger connections = new AtomicInteger();
    try (ScriptedServer server =
        new ScriptedServer(
            connection -> {
              connection.readHead();
              switch (connections.getAndIncrement()) {
                case 0 -> connection.send(HEAD + event("A-1", "2026-11-21T18:00:01Z", "one"));
                case 1 ->
                    connection.send(
                        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n"
                            + "Connection: close\r\n\r\n");
                default -> {
                  connection.send(HEAD + event("A-2", "2026-11-21T18:00:02Z", "two"));
                  connection.awaitEnd();
                }
              }
            })) {
      List<String> said = new ArrayList<>();
      assertThat(follow(server, "0", 2, said)).containsExactly("one", "two");
      assertThat(said)
          .satisfiesExactly(
              lost -> assertThat(lost).contains("lost: the replica is stopping"),
              back -> assertThat(back).isEqualTo("connected again"));
    }
  }

  @Test
  void a_stream_that_ends_in_order_is_opened_again_without_a_word() throws Exception {
    AtomicInteger connections = new AtomicInteger();
    try (ScriptedServer server =
        new ScriptedServer(
            connection -> {
              connection.readHead();
              int number = connections.incrementAndGet();
              connection.send(HEAD + event("A-" + number, "2026-11-21T18:00:01Z", "" + number));
            })) {
      List<String> said = new ArrayList<>();
      assertThat(follow(server, "A-0", 3, said)).containsExactly("1", "2", "3");
      assertThat(said).isEmpty();
    }
  }

  @Test
  void a_stream_that_ends_whole_is_opened_again_without_a_word() throws Exception {
    AtomicInteger connections = new AtomicInteger();
    try (ScriptedServer server =
        new ScriptedServer(
            connection -> {
              connection.readHead();
              int number = connections.incrementAndGet();
              String at = "2026-11-21T18:00:0" + number + "Z";
              connection.send(HEAD + event("A-" + number, at, "number " + number));
              connection.send(":heartbeat\n\n");
            })) {
      List<String> said = new ArrayList<>();
      assertThat(follow(server, "0", 3, said)).containsExactly("number 1", "number 2", "number 3");
      assertThat(said).isEmpty();
    }
  }

  @Test
  void a_silent_stream_counts_as_lost_after_the_announced_time() throws Exception {
    AtomicInteger connections = new AtomicInteger();
    try (ScriptedServer server =
        new ScriptedServer(
            connection -> {
              connection.readHead();
              connection.send(HEAD);
              if (connections.incrementAndGet() > 1) {
                connection.send(event("A-1", "2026-11-21T18:00:01Z", "one"));
              }
              connection.awaitEnd();
            })) {
      List<String> said = new ArrayList<>();
      assertThat(follow(server, "0", 1, said, 1_000)).containsExactly("one");
      assertThat(said).hasSize(2);
      assertThat(said.get(0)).endsWith("lost: no response within 1 s; trying again");
    }
  }

  @Test
  void a_page_in_place_of_the_stream_ends_the_command() throws Exception {
    try (ScriptedServer server =
        new ScriptedServer(
            ScriptedServer.responding(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"))) {
      assertThatThrownBy(() -> follow(server, "0", 1, new ArrayList<>()))
          .isInstanceOf(ClientFailure.class)
          .hasMessageContaining("not as Understudy's management API");
    }
  }

  private static List<String> follow(
      ScriptedServer server, String after, int wanted, List<String> said) throws Exception {
    return follow(server, after, wanted, said, 45_000);
  }

  private static List<String> follow(
      ScriptedServer server, String after, int wanted, List<String> said, int silenceMillis)
      throws Exception {
    List<String> messages = new ArrayList<>();
    ManagementApi api =
        new ManagementApi(URI.create("http://127.0.0.1:" + server.port()), null, null);
    new EventFollower(api, "/api/events/stream", after, said::add, silenceMillis)
        .follow(
            event -> {
              messages.add(
                  JsonValue.parse(event.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                      .at("message")
                      .text("?"));
              return messages.size() < wanted;
            });
    return messages;
  }
}
