package dev.understudy.notification;

import static dev.understudy.notification.SampleEvents.A;
import static dev.understudy.notification.SampleEvents.B;
import static dev.understudy.notification.SampleEvents.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.understudy.agreement.AgreementStatus;
import dev.understudy.event.Event;
import dev.understudy.failover.SwitchReason;
import dev.understudy.switchover.SwitchPhase;
import dev.understudy.testing.Extent;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Which replica sends what all of them emit, and under which id. */
class AgreedEventTest {
  /** The replicas of a list, of which a minus says that its votes do not count. */
  static AgreementStatus status(@Nullable String self, boolean inTouch, String... replicas) {
    return new AgreementStatus(
        "etcd",
        self,
        inTouch,
        Instant.EPOCH,
        null,
        Stream.of(replicas)
            .map(
                each ->
                    new AgreementStatus.Voter(
                        each.replace("-", ""),
                        "1",
                        !each.startsWith("-"),
                        true,
                        false,
                        true,
                        Instant.EPOCH,
                        Map.of()))
            .toList(),
        List.of(),
        0,
        0);
  }

  @ParameterizedTest
  @CsvSource({
    // decided by, self, in touch, replicas, sends
    "r2, r2, true, r1 r2 r3, true",
    "r2, r1, true, r1 r2 r3, false",
    "r2, r3, true, r1 r2 r3, false",
    "r2, r1, true, r1 -r2 r3, true",
    "r2, r3, true, r1 -r2 r3, false",
    "r2, r3, true, -r1 -r2 r3, true",
    "r2, r3, true, r1 r3, false",
    ", r1, true, r2 r1, true",
    ", r2, true, r2 r1, false",
    ", r2, true, r2 -r1, true",
    "r2, r3, false, r1 r2 r3, true",
    ", r3, true, -r3, true"
  })
  void the_one_that_decided_sends_or_else_the_first_that_counts(
      @Nullable String decidedBy, String self, boolean inTouch, String replicas, boolean sends) {
    assertThat(
            new AgreedEvent(decidedBy, "id", false)
                .isTurnOf(status(self, inTouch, replicas.split(" "))))
        .isEqualTo(sends);
  }

  static List<Arguments> ids() {
    return List.of(
        arguments(SampleEvents.switched(A, B, SwitchReason.FAILBACK), "shop-switched-3-b"),
        arguments(SampleEvents.switched(A, null, SwitchReason.NO_SERVER), "shop-switched-3-null"),
        arguments(
            SampleEvents.planned(SwitchPhase.ROLLED_BACK),
            "shop-planned-switch-changed-2-ab-rolled-back"),
        arguments(SampleEvents.pinned(), "shop-pinned-a-1795550400"),
        arguments(SampleEvents.nobody(), "shop-nobody-serves--1795550400"),
        arguments(SampleEvents.outOfTouch("r2", false), "out-of-touch-r2-false-1795550400"));
  }

  @Tag(Extent.SLOW)
  @ParameterizedTest
  @MethodSource("ids")
  void an_agreed_event_has_the_same_id_at_every_replica(Event event, String id) {
    for (String self : List.of("r1", "r3")) {
      AgreedEvent agreed = AgreedEvent.of(event, NOW, self);
      assertThat(agreed).extracting(AgreedEvent::id).isEqualTo(id);
    }
  }

  @Tag(Extent.SLOW)
  @Test
  void other_events_are_of_the_replica_alone() {
    assertThat(
            Stream.of(
                SampleEvents.health(),
                SampleEvents.rejected(),
                SampleEvents.failedTogether(false),
                SampleEvents.expires(),
                SampleEvents.outOfTouch("r1", false)))
        .allSatisfy(each -> assertThat(AgreedEvent.of(each, NOW, "r1")).isNull());
  }

  @Tag(Extent.SLOW)
  @Test
  void without_an_agreement_an_id_is_of_the_history_which_begins_anew_with_each_run() {
    Event event = SampleEvents.switched(A, B, SwitchReason.FAILBACK, null);
    assertThat(SampleEvents.notification(event, SampleEvents.ALONE))
        .returns("42-7", Notification::id)
        .returns("r1", Notification::replica);
    assertThat(SampleEvents.notification(event, SampleEvents.AGREEING))
        .returns("shop-switched-3-b", Notification::id)
        .returns(null, Notification::replica);
  }
}
