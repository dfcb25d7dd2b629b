package dev.understudy.notification;

import static dev.understudy.notification.SampleEvents.A;
import static dev.understudy.notification.SampleEvents.B;
import static dev.understudy.notification.SampleEvents.SHOP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.understudy.event.Event;
import dev.understudy.event.ReplicaEvent;
import dev.understudy.event.ServerEvent;
import dev.understudy.failover.SwitchReason;
import dev.understudy.pages.MarkdownTable;
import dev.understudy.switchover.SwitchFacts;
import dev.understudy.switchover.SwitchPhase;
import dev.understudy.testing.Extent;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What each event is about, and which lasting state it ends. */
class TopicTest {
  static List<Arguments> table() {
    return List.of(
        arguments(SampleEvents.switched(A, B, SwitchReason.FAILBACK), Topic.SWITCHED, null),
        arguments(
            SampleEvents.switched(null, B, SwitchReason.RECOVERED),
            Topic.SWITCHED,
            Topic.NOBODY_SERVES),
        arguments(
            SampleEvents.switched(null, B, SwitchReason.INITIAL),
            Topic.ROUTINE,
            Topic.NOBODY_SERVES),
        arguments(
            SampleEvents.switched(A, null, SwitchReason.NO_SERVER), Topic.NOBODY_SERVES, null),
        arguments(SampleEvents.nobody(), Topic.NOBODY_SERVES, null),
        arguments(new Event.NobodyServes(SHOP, true, "", "m"), Topic.ROUTINE, Topic.NOBODY_SERVES),
        arguments(new Event.ServesDown(SHOP, A, "", "m"), Topic.SERVES_DOWN, null),
        arguments(new Event.NoSuccessor(SHOP, A, false, "", "m"), Topic.NO_SUCCESSOR, null),
        arguments(
            new Event.NoSuccessor(SHOP, A, true, "", "m"), Topic.NO_SUCCESSOR, Topic.NO_SUCCESSOR),
        arguments(SampleEvents.twoPrimaries(false), Topic.TWO_PRIMARIES, null),
        arguments(SampleEvents.twoPrimaries(true), Topic.TWO_PRIMARIES, Topic.TWO_PRIMARIES),
        arguments(
            new Event.FailbackAwaited(SHOP, A, B, Instant.EPOCH, "", "m"),
            Topic.FAILBACK_AWAITED,
            null),
        arguments(SampleEvents.planned(SwitchPhase.SCHEDULED), Topic.ROUTINE, null),
        arguments(SampleEvents.planned(SwitchPhase.PAUSING), Topic.ROUTINE, null),
        arguments(SampleEvents.planned(SwitchPhase.FENCING), Topic.ROUTINE, null),
        arguments(SampleEvents.planned(SwitchPhase.PROMOTING), Topic.ROUTINE, null),
        arguments(SampleEvents.planned(SwitchPhase.ROLLING_BACK), Topic.ROUTINE, null),
        arguments(SampleEvents.planned(SwitchPhase.MOVED), Topic.PLANNED_SWITCH, null),
        arguments(SampleEvents.planned(SwitchPhase.GIVEN_UP), Topic.PLANNED_SWITCH, null),
        arguments(SampleEvents.planned(SwitchPhase.ROLLED_BACK), Topic.PLANNED_SWITCH, null),
        arguments(SampleEvents.planned(SwitchPhase.FAILED), Topic.PLANNED_SWITCH, null),
        arguments(SampleEvents.hook(SwitchFacts.Call.DONE), Topic.ROUTINE, null),
        arguments(SampleEvents.hook(SwitchFacts.Call.REFUSED), Topic.HOOK_FAILED, null),
        arguments(SampleEvents.hook(SwitchFacts.Call.UNCERTAIN), Topic.HOOK_FAILED, null),
        arguments(SampleEvents.failedTogether(false), Topic.MASS_FAILURE, null),
        arguments(SampleEvents.failedTogether(true), Topic.MASS_FAILURE, Topic.MASS_FAILURE),
        arguments(SampleEvents.exhausted(false), Topic.RESOURCE_EXHAUSTED, null),
        arguments(SampleEvents.exhausted(true), Topic.RESOURCE_EXHAUSTED, Topic.RESOURCE_EXHAUSTED),
        arguments(new ReplicaEvent.ChecksLate(false, 1, 2, "m"), Topic.CHECKS_LATE, null),
        arguments(
            new ReplicaEvent.ChecksLate(true, 1, 2, "m"), Topic.CHECKS_LATE, Topic.CHECKS_LATE),
        arguments(
            new ReplicaEvent.StateLost("/s", List.of("a"), null, "m"), Topic.STATE_LOST, null),
        arguments(new ReplicaEvent.StateUnwritten("/s", false, "m"), Topic.STATE_UNWRITTEN, null),
        arguments(
            new ReplicaEvent.StateUnwritten("/s", true, "m"),
            Topic.STATE_UNWRITTEN,
            Topic.STATE_UNWRITTEN),
        arguments(SampleEvents.outOfTouch("r2", false), Topic.OUT_OF_TOUCH, null),
        arguments(SampleEvents.outOfTouch("r2", true), Topic.OUT_OF_TOUCH, Topic.OUT_OF_TOUCH),
        arguments(SampleEvents.expires(), Topic.CERTIFICATE_EXPIRES, null),
        arguments(SampleEvents.applied("pool a: new"), Topic.FILE_APPLIED, Topic.FILE_REFUSED),
        arguments(SampleEvents.applied(), Topic.ROUTINE, Topic.FILE_REFUSED),
        arguments(SampleEvents.rejected(), Topic.FILE_REFUSED, null),
        arguments(SampleEvents.operatorState(), Topic.OPERATOR, null),
        arguments(SampleEvents.poolState(), Topic.OPERATOR, null),
        arguments(SampleEvents.pinned(), Topic.OPERATOR, null),
        arguments(
            new ReplicaEvent.LogLevelChanged("a.b", null, "DEBUG", SampleEvents.ALICE, "m"),
            Topic.OPERATOR,
            null),
        arguments(SampleEvents.health(), Topic.HEALTH, null),
        arguments(new ServerEvent.CircuitChanged(SHOP, A, true, "m"), Topic.HEALTH, null),
        arguments(SampleEvents.started(ReplicaEvent.RunEnd.CRASHED), Topic.CRASHED, null),
        arguments(SampleEvents.started(ReplicaEvent.RunEnd.STOPPED), Topic.ROUTINE, null),
        arguments(SampleEvents.started(null), Topic.ROUTINE, null),
        arguments(
            new ServerEvent.AddressChanged(SHOP, A, "::1", "::2", 1, "m"), Topic.ROUTINE, null),
        arguments(new Event.Kept(SHOP, A, 3, "", "m"), Topic.ROUTINE, null),
        arguments(new ReplicaEvent.Stopped("m"), Topic.ROUTINE, null));
  }

  @Tag(Extent.SLOW)
  @ParameterizedTest
  @MethodSource("table")
  void each_event_has_its_topic(Event event, Topic topic, @Nullable Topic ended) {
    assertThat(Topic.of(event)).isEqualTo(topic);
    assertThat(Topic.endedBy(event)).isEqualTo(ended);
    assertThat(ended == null || ended.lasting() != null).isTrue();
  }

  @Test
  void the_table_has_every_type_of_event() {
    assertThat(table().stream().<Class<?>>map(row -> row.get()[0].getClass()).distinct())
        .containsExactlyInAnyOrderElementsOf(records(Event.class).toList());
  }

  private static Stream<Class<?>> records(Class<?> type) {
    return type.isRecord()
        ? Stream.of(type)
        : Arrays.stream(type.getPermittedSubclasses()).flatMap(TopicTest::records);
  }

  @Test
  void all_but_health_and_routine_is_sent_unless_chosen() {
    assertThat(Arrays.stream(Topic.values()).filter(each -> !Topic.USUAL.contains(each)))
        .containsExactly(Topic.HEALTH, Topic.ROUTINE);
  }

  @Test
  void the_page_has_every_topic() {
    assertThat(
            MarkdownTable.rows(Path.of("deploy/notifications.md"), "| event | is sent when |")
                .stream()
                .flatMap(row -> MarkdownTable.code(row.getFirst()).stream()))
        .containsExactlyElementsOf(
            Stream.of(Topic.values()).map(Topic::word).collect(Collectors.toList()));
  }
}
