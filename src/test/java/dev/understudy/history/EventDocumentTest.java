package dev.understudy.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.event.Event;
import dev.understudy.event.ReplicaEvent;
import dev.understudy.event.ServerEvent;
import dev.understudy.failover.SwitchReason;
import dev.understudy.health.HealthStatus;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The document that each event becomes, and that is read back as it was written. */
class EventDocumentTest {
  private static final PoolId SHOP = Sample.SHOP;
  private static final ServerId A = new ServerId("a");
  private static final ServerId B = new ServerId("b");

  static List<Arguments> documents() {
    return List.of(
        Arguments.of(
            new Event.Switched(
                SHOP,
                A,
                B,
                SwitchReason.FAILBACK,
                7,
                "up",
                "r1",
                Duration.ofNanos(1_500_400),
                null,
                new Operator("alice", "disk swap"),
                "m"),
            """
            {"id":1,"at":"2026-11-21T18:00:01Z","type":"switched","pool":"shop","kind":"operation","level":"info","from":"a","to":"b",\
            "reason":"FAILBACK","epoch":7,"evidence":"up","decidedBy":"r1","tookMillis":1.5,\
            "operator":"alice","operatorReason":"disk swap","message":"m"}\
            """),
        Arguments.of(
            new Event.FailbackAwaited(SHOP, A, B, Instant.EPOCH, "damped", "m"),
            """
            {"id":1,"at":"2026-11-21T18:00:01Z","type":"failback-awaited","pool":"shop","kind":"switch","level":"info",\
            "serving":"a","better":"b","due":"1970-01-01T00:00:00Z","heldBy":"damped",\
            "message":"m"}\
            """),
        Arguments.of(
            new ServerEvent.HealthChanged(
                SHOP, A, HealthStatus.UP, HealthStatus.DOWN, 1, "refused", "m"),
            """
            {"id":1,"at":"2026-11-21T18:00:01Z","type":"health-changed","pool":"shop","kind":"health","level":"warn","server":"a",\
            "from":"UP","to":"DOWN","count":1,"evidence":"refused","message":"m"}\
            """),
        Arguments.of(
            new ServerEvent.CircuitChanged(SHOP, A, true, "m"),
            """
            {"id":1,"at":"2026-11-21T18:00:01Z","type":"circuit-changed","pool":"shop","kind":"health","level":"warn",\
            "server":"a","open":true,"message":"m"}\
            """),
        Arguments.of(
            new ReplicaEvent.ConfigurationApplied(
                "g.yaml", List.of("w"), List.of("pool shop: removed"), List.of(SHOP), "m"),
            """
            {"id":1,"at":"2026-11-21T18:00:01Z","type":"configuration-applied","pool":null,"kind":"operation","level":"warn",\
            "file":"g.yaml","warnings":["w"],"changes":["pool shop: removed"],\
            "removedPools":["shop"],"message":"m"}\
            """),
        Arguments.of(
            new ReplicaEvent.Started(
                "1.0.0", "g.yaml", ReplicaEvent.RunEnd.CRASHED, Instant.EPOCH, "m"),
            """
            {"id":1,"at":"2026-11-21T18:00:01Z","type":"started","pool":null,"kind":"operation","level":"warn","version":"1.0.0",\
            "file":"g.yaml","lastEnd":"CRASHED","lastAlive":"1970-01-01T00:00:00Z",\
            "message":"m"}\
            """),
        Arguments.of(
            new ReplicaEvent.Stopped("m"),
            """
            {"id":1,"at":"2026-11-21T18:00:01Z","type":"stopped","pool":null,"kind":"operation","level":"info","message":"m"}\
            """));
  }

  @ParameterizedTest
  @MethodSource("documents")
  void an_event_has_its_number_time_type_pool_parts_and_sentence_and_is_read_back(
      Event event, String json) {
    StoredEvent stored = Sample.event(1, event);
    assertThat(stored.json()).isEqualTo(json);
    assertThat(EventDocument.parse(json)).isEqualTo(stored);
  }

  @Test
  void a_state_has_the_case_of_the_configuration() {
    Event event =
        new ServerEvent.OperatorStateChanged(
            SHOP, A, OperatorState.READY, OperatorState.MAINTENANCE, null, "m");

    assertThat(Sample.event(1, event).json())
        .contains("\"from\":\"ready\"", "\"to\":\"maintenance\"");
  }

  @Test
  void texts_and_lists_are_cut_so_that_no_document_is_longer_than_the_bound() {
    List<String> problems = Collections.nCopies(2_000, "\u0001".repeat(5_000));
    StoredEvent stored =
        Sample.event(
            1, new ReplicaEvent.ConfigurationRejected("g.yaml", problems, "\u0001".repeat(5_000)));

    assertThat(stored.json()).hasSizeLessThan(EventDocument.MAX_CHARS);
    assertThat(stored.document().path("problems").path(19).asString()).isEqualTo("and 1981 more");
    assertThat(stored.document().path("message").asString()).endsWith("…");
  }

  @Test
  void a_list_within_the_bound_is_whole() {
    List<String> changes = Collections.nCopies(EventDocument.MAX_ITEMS, "pool shop: removed");
    StoredEvent stored =
        Sample.event(
            1, new ReplicaEvent.ConfigurationApplied("g.yaml", List.of(), changes, List.of(), "m"));

    assertThat(stored.document().path("changes").size()).isEqualTo(EventDocument.MAX_ITEMS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{}",
        "{\"id\":1}",
        "{\"id\":\"1\",\"at\":\"2026-11-21T18:00:01Z\",\"type\":\"t\",\"pool\":null,\"message\":\"m\"}",
        "{\"id\":1,\"at\":\"yesterday\",\"type\":\"t\",\"pool\":null,\"message\":\"m\"}",
        "{\"id\":1,\"at\":\"2026-11-21T18:00:01Z\",\"type\":\"t\",\"pool\":\"No"
            + " Label\",\"message\":\"m\"}",
        "{\"id\":1,\"at\":\"2026-11-21T18:00:01Z\",\"type\":\"t\",\"message\":\"m\"}",
        "{\"id\":1,\"at\":\"2026-11-21T18:00:01Z\",\"type\":\"t\",\"pool\":null}",
        "{\"at\":\"2026-11-21T18:00:01Z\",\"id\":1,\"type\":\"t\",\"pool\":null,\"message\":\"m\"}",
        "{\"id\":1,\"at\":\"2026-11-21T18:00:01Z\",\"type\":\"t\",\"pool\":null,\"message\":\"m\"}"
            + " 1",
      })
  void what_is_no_document_of_an_event_is_none(String json) {
    assertThat(EventDocument.parse(json)).isNull();
  }

  @Test
  void a_kind_and_parts_that_this_version_does_not_know_are_kept() {
    String json =
        "{\"id\":9,\"at\":\"2026-11-21T18:00:01Z\",\"type\":\"moon-rose\",\"pool\":null,"
            + "\"phase\":{\"full\":true},\"message\":\"m\"}";

    assertThat(EventDocument.parse(json))
        .isEqualTo(new StoredEvent(9, Sample.at(1), "moon-rose", null, Event.Kind.SWITCH, json));
  }
}
