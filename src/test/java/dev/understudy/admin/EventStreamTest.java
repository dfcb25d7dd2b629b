package dev.understudy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.event.ReplicaEvent;
import dev.understudy.failover.SwitchReason;
import dev.understudy.fairness.ClientNetwork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.http.codec.ServerSentEvent;

/** Which events a live stream has, over real sockets. */
class EventStreamTest extends OnSharedServer {
  private static final Duration DEADLINE = Duration.ofMinutes(2);
  private static final ClientNetwork CLIENT = new ClientNetwork("192.0.2.1");

  private static StreamClient open(String query, String... fields) {
    return new StreamClient(server, "/api/events/stream" + query, fields);
  }

  /** One that gets all events from now on. */
  private static StreamClient begun(String query) {
    StreamClient client = open(query);
    client.next(":understudy");
    return client;
  }

  private static List<String> messages(StreamClient client, int count) {
    List<String> messages = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      messages.add(client.data().path("message").asString());
    }
    return messages;
  }

  private static void event(String message) {
    server.events.add(
        new ReplicaEvent.ConfigurationApplied(
            "gateway.yaml", List.of(), List.of(), List.of(), message));
  }

  @Test
  void events_come_live_with_id_and_type() {
    try (StreamClient client = begun("")) {
      server.monitor.move(FakeMonitor.BACKUP, SwitchReason.HEALTH_CHECK_FAILED, "status 503");

      assertThat(client.next("id:")).matches("[0-9]+-[0-9]+");
      assertThat(client.next("event:")).isEqualTo("switched");
      assertThat(client.next("data:"))
          .contains("\"type\":\"switched\"")
          .contains("\"to\":\"sen1\"");
    }
  }

  @Test
  void without_an_id_only_what_is_to_come_is_sent() {
    event("before");
    try (StreamClient client = begun("")) {
      event("after");
      assertThat(messages(client, 1)).containsExactly("after");
    }
  }

  @Test
  void with_the_last_id_what_was_missed_comes_first_and_nothing_twice() {
    event("one");
    String id;
    try (StreamClient client = open("?after=0")) {
      id = client.next("id:");
    }
    event("two");
    event("three");
    try (StreamClient client = open("", "Last-Event-ID: " + id)) {
      assertThat(messages(client, 2)).containsExactly("two", "three");
      event("four");
      assertThat(messages(client, 1)).containsExactly("four");
    }
    long one = server.events.newest(null, 4).getFirst().id();
    try (StreamClient client = open("?after=" + one)) {
      assertThat(messages(client, 1)).as("a bare number is one of this history").contains("two");
    }
    try (StreamClient client = open("", "Last-Event-ID: 1234567890123-2")) {
      assertThat(messages(client, 2)).as("of another history").containsExactly("one", "two");
    }
  }

  @Test
  void a_stream_can_be_one_pools() {
    try (StreamClient client = begun("?pool=sense")) {
      event("not the pool's");
      server.monitor.move(FakeMonitor.BACKUP, SwitchReason.OPERATOR, "an operator switched");

      assertThat(messages(client, 1)).singleElement().asString().contains("sen1 serves");
    }
  }

  @Test
  void a_quiet_stream_has_heartbeats() {
    var limits = new EventStreams.Limits(1, 8, Duration.ofMillis(20), Duration.ofHours(1));
    EventStreams streams = new EventStreams(server.history, limits);

    assertThat(streams.open(CLIENT, null, null).take(3).collectList().block(DEADLINE))
        .extracting(ServerSentEvent::comment)
        .containsExactly("understudy", "heartbeat", "heartbeat");
  }

  @Test
  void a_stream_ends_in_time_so_that_a_dead_reader_does_not_hold_it_for_ever() {
    var limits = new EventStreams.Limits(1, 8, Duration.ofHours(1), Duration.ofMillis(50));
    EventStreams streams = new EventStreams(server.history, limits);

    streams.open(CLIENT, null, null).blockLast(DEADLINE);

    assertThat(streams.slots().active()).isZero();
  }
}
