package dev.understudy.notification;

import static dev.understudy.notification.SampleEvents.A;
import static dev.understudy.notification.SampleEvents.AGREEING;
import static dev.understudy.notification.SampleEvents.ALONE;
import static dev.understudy.notification.SampleEvents.B;
import static dev.understudy.notification.SampleEvents.NOW;
import static dev.understudy.notification.SampleEvents.notification;
import static dev.understudy.testing.Json.assertHas;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.understudy.event.Event;
import dev.understudy.failover.SwitchReason;
import dev.understudy.testing.Extent;
import io.cloudevents.CloudEvent;
import io.cloudevents.jackson.JsonFormat;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Messages in each format. */
class RenderingTest {
  private static final Event FAILOVER = SampleEvents.switched(A, B, SwitchReason.CONNECTION_FAILED);

  private static String body(Format format, NotificationSource origin, Event... events) {
    List<Notification> all = new ArrayList<>();
    for (Event each : events) {
      all.add(notification(each, origin));
    }
    return Rendering.body(format, all, origin);
  }

  private static JsonNode json(Format format, NotificationSource origin, Event... events) {
    return JsonMapper.shared().readTree(body(format, origin, events));
  }

  private static CloudEvent decoded(String body) {
    return new JsonFormat().deserialize(body.getBytes(StandardCharsets.UTF_8));
  }

  private static JsonNode data(CloudEvent event) {
    return JsonMapper.shared().readTree(Objects.requireNonNull(event.getData()).toBytes());
  }

  @Test
  void the_cloudevents_sdk_decodes_an_agreed_event() {
    CloudEvent event = decoded(body(Format.CLOUDEVENTS, AGREEING, FAILOVER));

    assertThat(event.getId()).isEqualTo("shop-switched-3-b");
    assertThat(event.getSource()).hasToString("/understudy/plant");
    assertThat(event.getType()).isEqualTo("dev.understudy.switched");
    assertThat(event.getSubject()).isEqualTo("shop");
    assertThat(Objects.requireNonNull(event.getTime()).toInstant()).isEqualTo(NOW);
    assertThat(event.getDataContentType()).isEqualTo("application/json");
    assertThat(event.getExtension("link")).isEqualTo("https://ops.example:9090/#/pools/shop");
    assertHas(
        data(event),
        """
        {evidence: "a: connection refused <here> & there", epoch: 3, type: "switched"}
        """);
  }

  @Tag(Extent.SLOW)
  @Test
  void an_event_of_one_replica_names_it() {
    CloudEvent event = decoded(body(Format.CLOUDEVENTS, ALONE, SampleEvents.rejected()));

    assertThat(event.getId()).isEqualTo("42-7");
    assertThat(event.getSource()).hasToString("/understudy/plant/r1");
    assertThat(event.getType()).isEqualTo("dev.understudy.file-refused");
    assertThat(event.getSubject()).isNull();
    assertThat(event.getExtensionNames()).isEmpty();
  }

  static List<Arguments> texts() {
    return List.of(
        arguments(
            Format.TEXT,
            ALONE,
            FAILOVER,
            "Pool shop: b serves instead of a (a: connection refused <here> & there)\n"),
        arguments(
            Format.TEXT,
            AGREEING,
            SampleEvents.nobody(),
            "Pool shop: nobody serves\nhttps://ops.example:9090/#/pools/shop\n"),
        arguments(
            Format.TEXT, AGREEING, SampleEvents.rejected(), "refused\nhttps://ops.example:9090/\n"),
        arguments(
            Format.SLACK,
            ALONE,
            FAILOVER,
            "{\"text\":\"*warning* Pool shop: b serves instead of a (a: connection refused"
                + " &lt;here&gt; &amp; there)\"}"),
        arguments(
            Format.SLACK,
            AGREEING,
            SampleEvents.nobody(),
            "{\"text\":\"*critical* Pool shop: nobody serves"
                + " <https://ops.example:9090/#/pools/shop|console>\"}"));
  }

  @ParameterizedTest
  @MethodSource("texts")
  void a_text_is_the_sentence_with_a_link(
      Format format, NotificationSource origin, Event event, String expected) {
    assertThat(body(format, origin, event)).isEqualTo(expected);
  }

  @Tag(Extent.SLOW)
  @Test
  void an_alert_of_what_happened_has_no_end() {
    JsonNode alerts = json(Format.ALERTMANAGER, AGREEING, FAILOVER);

    assertHas(
        alerts,
        """
        [{annotations: {evidence: "a: connection refused <here> & there", epoch: "3"},
          startsAt: "2026-11-24T20:00:03Z",
          generatorURL: "https://ops.example:9090/#/pools/shop"}]
        """);
    assertThat(alerts.get(0).path("labels"))
        .hasToString(
            "{\"alertname\":\"UnderstudySwitched\",\"installation\":\"plant\",\"pool\":\"shop\","
                + "\"severity\":\"warning\"}");
    assertThat(alerts.at("/0/annotations/summary").asString()).startsWith("Pool shop: b serves");
    assertThat(alerts.at("/0/endsAt").isMissingNode()).isTrue();
  }

  @Tag(Extent.SLOW)
  @Test
  void an_operator_and_the_reason_are_annotations() {
    assertHas(
        json(Format.ALERTMANAGER, ALONE, SampleEvents.operatorState()),
        """
        [{annotations: {operator: "alice", operatorReason: "disk swap"}, labels: {server: "a"}}]
        """);
  }

  static List<Arguments> lasting() {
    return List.of(
        arguments(SampleEvents.nobody(), SampleEvents.switched(null, B, SwitchReason.RECOVERED)),
        arguments(
            SampleEvents.switched(A, null, SwitchReason.NO_SERVER),
            SampleEvents.switched(null, B, SwitchReason.RECOVERED)),
        arguments(SampleEvents.twoPrimaries(false), SampleEvents.twoPrimaries(true)),
        arguments(SampleEvents.failedTogether(false), SampleEvents.failedTogether(true)),
        arguments(SampleEvents.exhausted(false), SampleEvents.exhausted(true)),
        arguments(SampleEvents.outOfTouch("r2", false), SampleEvents.outOfTouch("r2", true)),
        arguments(SampleEvents.rejected(), SampleEvents.applied("pool a: new")));
  }

  @Tag(Extent.SLOW)
  @ParameterizedTest
  @MethodSource("lasting")
  void the_end_of_a_lasting_state_resolves_the_alert_with_the_same_labels(Event begin, Event end) {
    for (NotificationSource origin : List.of(ALONE, AGREEING)) {
      JsonNode begun = json(Format.ALERTMANAGER, origin, begin);
      List<JsonNode> ended =
          json(Format.ALERTMANAGER, origin, end)
              .valueStream()
              .filter(each -> each.path("labels").equals(begun.at("/0/labels")))
              .toList();

      assertThat(begun).hasSize(1);
      assertThat(begun.at("/0/endsAt").asString())
          .isEqualTo(NOW.plus(Rendering.LASTING).toString());
      assertThat(ended).hasSize(1);
      assertThat(ended.getFirst().path("endsAt").asString()).isEqualTo(NOW.toString());
    }
  }

  private static Event[] storm() {
    Event[] events = new Event[60];
    for (int i = 0; i < events.length; i++) {
      events[i] = i == 40 ? SampleEvents.nobody() : SampleEvents.pinned();
    }
    return events;
  }

  @Tag(Extent.SLOW)
  @Test
  void a_digest_counts_and_has_the_worst() {
    assertThat(body(Format.TEXT, ALONE, storm()))
        .startsWith("60 events from 20:00:03 UTC to 20:00:03 UTC: 1 nobody-serves, 59 operator\n- ")
        .contains("\n- Pool shop: nobody serves\n", "\n- pinned\n")
        .endsWith("\nand 50 more\n")
        .hasLineCount(12);
    assertThat(json(Format.SLACK, ALONE, storm()).path("text").asString())
        .startsWith("*critical* 60 events");
  }

  @Tag(Extent.SLOW)
  @Test
  void a_digest_is_a_cloudevent_too() {
    CloudEvent event = decoded(body(Format.CLOUDEVENTS, ALONE, storm()));

    assertThat(event.getType()).isEqualTo("dev.understudy.digest");
    assertThat(event.getId()).isEqualTo("42-7..42-7");
    assertHas(data(event), "{count: 60, topics: {operator: 59}}");
    assertThat(data(event).path("events")).hasSize(60);
  }

  @Tag(Extent.SLOW)
  @Test
  void a_test_says_who_asked_for_it() {
    Notification test = Notification.test("ops", "alice", NOW, AGREEING);

    assertThat(Rendering.body(Format.TEXT, List.of(test), AGREEING))
        .startsWith("A test of receiver ops, asked for by alice\n");
    assertThat(decoded(Rendering.body(Format.CLOUDEVENTS, List.of(test), AGREEING)).getType())
        .isEqualTo("dev.understudy.test");
    assertThat(Rendering.body(Format.ALERTMANAGER, List.of(test), AGREEING))
        .contains("\"alertname\":\"UnderstudyTest\"", "\"severity\":\"info\"");
  }
}
