package dev.understudy.notification;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.postRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static dev.understudy.notification.AgreedEventTest.status;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.spi.ILoggingEvent;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import dev.understudy.agreement.AgreementStatus;
import dev.understudy.event.Event;
import dev.understudy.event.EventHistory;
import dev.understudy.event.ReplicaEvent;
import dev.understudy.failover.SwitchReason;
import dev.understudy.file.FileTenure;
import dev.understudy.notification.ReceiverStatus.Outcome;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Json;
import dev.understudy.testing.LogCapture;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Notifications to a real HTTP server. */
class EventNotifierTest {
  private static final InstantSource CLOCK = InstantSource.system();

  @RegisterExtension
  static final WireMockExtension SERVER =
      WireMockExtension.newInstance().options(options().dynamicPort()).build();

  @TempDir Path folder;

  private final EventHistory events = new EventHistory(CLOCK);
  private final List<EventNotifier> started = new ArrayList<>();
  private volatile AgreementStatus agreement = AgreementStatus.alone(CLOCK.instant());

  @AfterEach
  void close() {
    started.forEach(EventNotifier::close);
  }

  private static ReceiverSettings receiver(String name, Format format, Topic... topics) {
    return receiver(name, format, Map.of(), null, topics);
  }

  private static ReceiverSettings receiver(
      String name,
      Format format,
      Map<String, String> headers,
      @Nullable Path secret,
      Topic... topics) {
    return new ReceiverSettings(
        name, SERVER.baseUrl() + "/" + name, format, List.of(topics), headers, secret, null);
  }

  private EventNotifier start(
      NotificationSource origin, @Nullable Path file, ReceiverSettings... receivers) {
    EventNotifier made =
        new EventNotifier(
            List.of(receivers),
            origin,
            () -> agreement,
            Duration.ofMinutes(1),
            file,
            settings -> {
              throw new IllegalStateException("no https here");
            },
            CLOCK,
            FileTenure.ours());
    started.add(made);
    events.subscribe(made::happened);
    return made;
  }

  private EventNotifier start(ReceiverSettings... receivers) {
    return start(SampleEvents.ALONE, null, receivers);
  }

  private static void answer(String name, ResponseDefinitionBuilder with) {
    SERVER.stubFor(post("/" + name).willReturn(with));
  }

  private static List<LoggedRequest> received(String name) {
    return SERVER.findAll(postRequestedFor(urlEqualTo("/" + name)));
  }

  /** Each once: what got no response within 5 s, on a busy machine, was sent again. */
  private static List<String> bodies(String name) {
    return received(name).stream().map(LoggedRequest::getBodyAsString).distinct().toList();
  }

  private static void awaitStatus(
      EventNotifier of, String what, Predicate<ReceiverStatus> condition) {
    Await.until(what, () -> condition.test(of.status().getFirst()));
  }

  private static void awaitDelivered(EventNotifier of, int number) {
    awaitStatus(of, number + " are delivered", now -> now.delivered() == number);
  }

  private static Event stopped(String message) {
    return new ReplicaEvent.ConfigurationRejected("g.yaml", List.of(), message);
  }

  @Test
  void an_event_arrives_with_its_header_fields_and_a_signature() throws Exception {
    Path secret = Files.writeString(folder.resolve("secret"), "0123456789abcdef");
    answer("bus", aResponse().withStatus(202));
    EventNotifier notifications =
        start(receiver("bus", Format.CLOUDEVENTS, Map.of("X-Token", "t0ken"), secret));

    events.add(SampleEvents.rejected());

    awaitDelivered(notifications, 1);
    LoggedRequest request = received("bus").getFirst();
    assertThat(request.getHeader("Content-Type"))
        .isEqualTo("application/cloudevents+json; charset=utf-8");
    assertThat(request.getHeader("X-Token")).isEqualTo("t0ken");
    assertThat(
            SignatureTest.isSigned(
                request.getHeader("Understudy-Signature"), request.getBody(), "0123456789abcdef"))
        .isTrue();
    assertThat(notifications.status().getFirst())
        .returns(0, ReceiverStatus::waiting)
        .extracting(ReceiverStatus::last)
        .returns(Outcome.DELIVERED, ReceiverStatus.Delivery::outcome);
  }

  @Test
  void only_what_was_chosen_is_sent() {
    answer("chat", aResponse());
    EventNotifier notifications = start(receiver("chat", Format.TEXT, Topic.HEALTH));

    events.add(SampleEvents.rejected());
    events.add(SampleEvents.health());
    events.add(new ReplicaEvent.Stopped("m"));

    awaitDelivered(notifications, 1);
    assertThat(bodies("chat")).containsExactly("a is DOWN\n");
  }

  @Tag(Extent.SLOW)
  @ParameterizedTest
  @ValueSource(ints = {408, 429, 500, 503})
  void what_may_pass_is_tried_again_until_it_is_delivered(int status) {
    answer("ops", aResponse().withStatus(status).withHeader("Retry-After", "1").withBody("busy"));
    EventNotifier notifications = start(receiver("ops", Format.TEXT));

    events.add(stopped("first"));
    awaitStatus(notifications, "it waits", now -> now.last() != null);
    assertThat(notifications.status().getFirst().last())
        .returns(Outcome.DELAYED, ReceiverStatus.Delivery::outcome)
        .returns("status " + status + ": busy", ReceiverStatus.Delivery::detail)
        .extracting(ReceiverStatus.Delivery::next)
        .isNotNull();
    events.add(stopped("second"));
    answer("ops", aResponse());

    awaitDelivered(notifications, 2);
    assertThat(bodies("ops")).endsWith("first\n", "second\n");
  }

  @Tag(Extent.SLOW)
  @ParameterizedTest
  @ValueSource(ints = {301, 307, 400, 401, 404, 410})
  void what_is_refused_is_given_up_and_the_next_is_sent(int status) {
    answer("ops", aResponse().withStatus(status).withHeader("Location", SERVER.url("/elsewhere")));
    EventNotifier notifications = start(receiver("ops", Format.TEXT));

    events.add(stopped("first"));
    awaitStatus(notifications, "it is given up", now -> now.failed() == 1);
    answer("ops", aResponse());
    events.add(stopped("second"));

    awaitDelivered(notifications, 1);
    assertThat(bodies("ops")).containsExactly("first\n", "second\n");
    SERVER.verify(0, postRequestedFor(urlEqualTo("/elsewhere")));
  }

  @Tag(Extent.SLOW)
  @Test
  void refusals_for_the_same_reason_are_logged_once() {
    try (LogCapture log = LogCapture.of(Receiver.class, "refuser")) {
      answer("refuser", aResponse().withStatus(404));
      EventNotifier notifications = start(receiver("refuser", Format.TEXT));
      for (int i = 1; i <= 3; i++) {
        int failed = i;
        events.add(stopped("bad"));
        awaitStatus(notifications, "it is given up", now -> now.failed() == failed);
      }
      answer("refuser", aResponse());
      events.add(stopped("good"));
      awaitDelivered(notifications, 1);

      assertThat(log.events().stream().map(ILoggingEvent::getFormattedMessage))
          .containsExactly(
              "Notifications to refuser are refused: status 404",
              "Notifications to refuser are delivered again");
    }
  }

  @Test
  @Tag(Extent.SLOW)
  void a_slow_receiver_delays_no_other_and_is_given_five_seconds() {
    answer("slow", aResponse().withFixedDelay(60_000));
    answer("quick", aResponse());
    EventNotifier notifications =
        start(receiver("slow", Format.TEXT), receiver("quick", Format.TEXT));

    events.add(stopped("first"));

    Await.until("the other one has it", () -> bodies("quick").contains("first\n"));
    awaitStatus(notifications, "it is tried again", now -> now.last() != null);
    assertThat(Objects.requireNonNull(notifications.status().getFirst().last()).detail())
        .isEqualTo("no response within 5000 ms");
  }

  @Test
  void a_storm_becomes_one_digest() {
    answer("ops", aResponse());
    EventNotifier notifications = start(receiver("ops", Format.TEXT));

    for (int i = 0; i < 100; i++) {
      events.add(stopped("event " + i));
    }

    awaitDelivered(notifications, 100);
    assertThat(bodies("ops")).hasSize(1).first().asString().startsWith("100 events from ");
  }

  @Test
  void a_full_queue_drops_the_oldest_and_counts_them_while_a_receiver_asks_to_be_left_alone() {
    answer("ops", aResponse().withStatus(503).withHeader("Retry-After", "300"));
    EventNotifier notifications = start(receiver("ops", Format.TEXT));

    for (int i = 0; i < Outbox.MOST + 44; i++) {
      events.add(stopped("event " + i));
    }

    awaitStatus(notifications, "some are dropped", now -> now.dropped() == 44);
    assertThat(notifications.status().getFirst().waiting()).isEqualTo(Outbox.MOST);
    awaitStatus(notifications, "it was asked to wait", now -> now.last() != null);
    ReceiverStatus.Delivery last = Objects.requireNonNull(notifications.status().getFirst().last());
    assertThat(last.next()).isEqualTo(last.at().plusSeconds(300));
  }

  @Test
  void what_waits_survives_a_restart() {
    Path file = folder.resolve("state.notifications");
    answer("ops", aResponse().withStatus(503).withHeader("Retry-After", "300"));
    EventNotifier first = start(SampleEvents.ALONE, file, receiver("ops", Format.TEXT));
    events.add(stopped("before"));
    awaitStatus(first, "it waits", now -> now.last() != null);
    first.close();

    answer("ops", aResponse());
    EventNotifier second = start(SampleEvents.ALONE, file, receiver("ops", Format.TEXT));

    awaitDelivered(second, 1);
    assertThat(bodies("ops")).endsWith("before\n");
    second.close();
    EventNotifier third = start(SampleEvents.ALONE, file, receiver("ops", Format.TEXT));
    assertThat(third.status().getFirst().waiting()).isZero();
  }

  @Tag(Extent.SLOW)
  @Test
  void a_damaged_file_costs_what_was_in_it() throws Exception {
    Path file = Files.writeString(folder.resolve("state.notifications"), "{\"ops\":[{");
    answer("ops", aResponse());
    EventNotifier notifications = start(SampleEvents.ALONE, file, receiver("ops", Format.TEXT));

    events.add(stopped("next"));

    awaitDelivered(notifications, 1);
  }

  @Test
  void the_end_waits_for_what_can_be_delivered() {
    answer("ops", aResponse());
    EventNotifier notifications = start(receiver("ops", Format.TEXT, Topic.ROUTINE));

    events.add(new ReplicaEvent.Stopped("the last words"));
    notifications.close();

    assertThat(bodies("ops")).containsExactly("the last words\n");
  }

  @Test
  void replicas_send_an_agreed_event_once_and_the_next_one_if_the_first_is_gone() {
    answer("ops", aResponse());
    agreement = status("r1", true, "r1", "r2", "r3");
    EventNotifier notifications =
        start(SampleEvents.AGREEING, null, receiver("ops", Format.CLOUDEVENTS));

    events.add(
        SampleEvents.switched(
            SampleEvents.A, SampleEvents.B, SwitchReason.CONNECTION_FAILED, "r2"));
    events.add(stopped("of this replica"));
    awaitDelivered(notifications, 1);
    assertThat(bodies("ops")).hasSize(1).noneMatch(body -> body.contains("switched"));

    agreement = status("r1", true, "r1", "-r2", "r3");
    awaitDelivered(notifications, 2);
    assertThat(bodies("ops").getLast()).contains("\"id\":\"shop-switched-3-b\"");
  }

  @Test
  void acts_of_one_moment_have_ids_of_their_own_the_same_at_every_replica() {
    answer("r1", aResponse());
    answer("r2", aResponse());
    agreement = status("r1", true, "r1");
    EventNotifier first = start(SampleEvents.AGREEING, null, receiver("r1", Format.CLOUDEVENTS));
    EventNotifier second = start(SampleEvents.AGREEING, null, receiver("r2", Format.CLOUDEVENTS));

    List<Event> acts =
        List.of(
            SampleEvents.operatorState(),
            SampleEvents.pinned(),
            SampleEvents.operatorState(),
            SampleEvents.pinned(),
            SampleEvents.nobody(),
            SampleEvents.nobody());
    for (int i = 0; i < acts.size(); i++) {
      events.add(acts.get(i));
      awaitDelivered(first, i + 1);
      awaitDelivered(second, i + 1);
    }

    assertThat(ids("r1")).hasSize(acts.size()).doesNotHaveDuplicates().isEqualTo(ids("r2"));
  }

  private static List<String> ids(String name) {
    return bodies(name).stream().map(body -> Json.of(body).at("/id").asString()).toList();
  }

  @ParameterizedTest
  @CsvSource({"204, true, status 204", "500, false, status 500: no"})
  void a_test_is_sent_at_once_and_says_what_came_of_it(int status, boolean ok, String detail)
      throws Exception {
    answer("ops", aResponse().withStatus(status).withBody(status == 204 ? null : "no"));
    EventNotifier notifications = start(receiver("ops", Format.TEXT));

    ReceiverStatus.Delivery done =
        Objects.requireNonNull(notifications.test("ops", "alice"))
            .toCompletableFuture()
            .get(1, TimeUnit.MINUTES);

    assertThat(done)
        .returns(ok, ReceiverStatus.Delivery::ok)
        .returns(detail, ReceiverStatus.Delivery::detail);
    assertThat(bodies("ops")).containsExactly("A test of receiver ops, asked for by alice\n");
    assertThat(notifications.test("none", "alice")).isNull();
    assertThat(notifications.status().getFirst()).returns(0, ReceiverStatus::waiting);
  }

  @Tag(Extent.SLOW)
  @Test
  void alertmanager_has_the_end_of_a_chosen_state_too() {
    SERVER.stubFor(post(anyUrl()).willReturn(aResponse()));
    EventNotifier notifications =
        start(receiver("pager", Format.ALERTMANAGER, Topic.NOBODY_SERVES));

    events.add(SampleEvents.nobody());
    awaitDelivered(notifications, 1);
    events.add(SampleEvents.switched(null, SampleEvents.B, SwitchReason.RECOVERED));

    awaitDelivered(notifications, 2);
    assertThat(bodies("pager").getLast()).contains("UnderstudyNobodyServes");
  }
}
