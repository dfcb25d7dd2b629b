package dev.understudy.notification;

import dev.understudy.event.Event;
import dev.understudy.event.EventLog;
import dev.understudy.event.ReplicaEvent;
import dev.understudy.event.ServerEvent;
import dev.understudy.failover.SwitchReason;
import dev.understudy.health.HealthStatus;
import dev.understudy.health.LocalFailure;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.SwitchFacts;
import dev.understudy.switchover.SwitchPhase;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Events of tests, one of each type and more. */
final class SampleEvents {
  static final PoolId SHOP = new PoolId("shop");
  static final ServerId A = new ServerId("a");
  static final ServerId B = new ServerId("b");
  static final Instant NOW = Instant.parse("2026-11-24T20:00:03Z");
  static final Operator ALICE = new Operator("alice", "disk swap");

  static final NotificationSource ALONE = new NotificationSource("plant", "r1", false, "42", null);
  static final NotificationSource AGREEING =
      new NotificationSource("plant", "r1", true, "42", URI.create("https://ops.example:9090"));

  private SampleEvents() {}

  static Notification notification(Event event, NotificationSource origin) {
    EventLog.Entry entry = new EventLog.Entry(7, NOW, event);
    return Notification.of(entry, AgreedEvent.of(entry, origin), origin);
  }

  static Event switched(@Nullable ServerId from, @Nullable ServerId to, SwitchReason reason) {
    return switched(from, to, reason, "r2");
  }

  static Event switched(
      @Nullable ServerId from,
      @Nullable ServerId to,
      SwitchReason reason,
      @Nullable String decidedBy) {
    return new Event.Switched(
        SHOP,
        from,
        to,
        reason,
        3,
        "a: connection refused <here> & there",
        decidedBy,
        Duration.ofMillis(900),
        null,
        reason == SwitchReason.OPERATOR ? ALICE : null,
        "Pool shop: "
            + to
            + " serves instead of "
            + from
            + " (a: connection refused <here> & there)");
  }

  static Event planned(SwitchPhase phase) {
    return new Event.PlannedSwitchChanged(
        SHOP, "2-ab", A, B, phase, 3, "r2", "", null, ALICE, "Pool shop: planned switch: " + phase);
  }

  static Event twoPrimaries(boolean over) {
    return new Event.TwoPrimaries(SHOP, A, B, Instant.EPOCH, over, "two");
  }

  static Event hook(SwitchFacts.Call outcome) {
    return new Event.HookCalled(
        SHOP, "demote", A, 3, outcome, "status 500", Duration.ofSeconds(1), null, "hook");
  }

  static Event health() {
    return new ServerEvent.HealthChanged(
        SHOP, A, HealthStatus.UP, HealthStatus.DOWN, 1, "refused", "a is DOWN");
  }

  static Event failedTogether(boolean over) {
    return new ReplicaEvent.FailedTogether(
        over, 3, 4, List.of("refused (3)"), List.of("h (3)"), "mass");
  }

  static Event exhausted(boolean over) {
    return new ReplicaEvent.ResourceExhausted(LocalFailure.values()[0], over, 3, "exhausted");
  }

  static Event outOfTouch(String replica, boolean over) {
    return new ReplicaEvent.OutOfTouch(replica, over, "no route", "out of touch");
  }

  static Event expires() {
    return new ReplicaEvent.CertificateExpires("site.pem", NOW.plusSeconds(86_400), 1, "expires");
  }

  static Event applied(String... changes) {
    return new ReplicaEvent.ConfigurationApplied(
        "g.yaml", List.of(), List.of(changes), List.of(), "applied");
  }

  static Event rejected() {
    return new ReplicaEvent.ConfigurationRejected("g.yaml", List.of("line 3: what"), "refused");
  }

  static Event operatorState() {
    return new ServerEvent.OperatorStateChanged(
        SHOP, A, OperatorState.READY, OperatorState.DRAIN, ALICE, "a is set to drain");
  }

  static Event poolState() {
    return new ServerEvent.PoolStateChanged(
        SHOP,
        OperatorState.READY,
        OperatorState.MAINTENANCE,
        null,
        List.of(),
        ALICE,
        "shop is in maintenance");
  }

  static Event pinned() {
    return new Event.Pinned(SHOP, A, ALICE, "pinned");
  }

  static Event started(ReplicaEvent.@Nullable RunEnd lastEnd) {
    return new ReplicaEvent.Started("1", "g.yaml", lastEnd, Instant.EPOCH, "started");
  }

  static Event nobody() {
    return new Event.NobodyServes(SHOP, false, "all are DOWN", "Pool shop: nobody serves");
  }
}
