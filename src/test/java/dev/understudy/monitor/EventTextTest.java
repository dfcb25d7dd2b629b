package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.BACKUP;
import static dev.understudy.monitor.SensePool.MASTER;
import static dev.understudy.monitor.SensePool.SENSE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.agreement.RoleOperators;
import dev.understudy.event.EventText;
import dev.understudy.failover.RoleMemory;
import dev.understudy.failover.RoleState;
import dev.understudy.failover.SwitchReason;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.OwedHooks;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.PlannedSwitch.Stage;
import dev.understudy.switchover.SwitchPhase;
import dev.understudy.switchover.SwitchRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EventTextTest {
  private static String failover(Duration took) {
    String evidence = "sen2: 3 bad observations in a row, last: status 503";
    AgreedRole next = agreed(BACKUP, 2, SwitchReason.HEALTH_CHECK_FAILED, evidence);
    return EventText.switched(SENSE, MASTER, next, took, null).message();
  }

  private static AgreedRole agreed(
      @Nullable ServerId serving, long epoch, SwitchReason reason, String evidence) {
    RoleState roleState = new RoleState(serving, epoch, null, 0, null, RoleMemory.NONE);
    return new AgreedRole(roleState, reason, Instant.EPOCH, evidence);
  }

  @Test
  void a_decision_of_another_replica_says_whose_it_is() {
    RoleState roleState = new RoleState(BACKUP, 2, null, 0, null, RoleMemory.NONE);
    AgreedRole next =
        new AgreedRole(
            roleState,
            new AgreedRole.Decision(SwitchReason.CONNECTION_FAILED, Instant.EPOCH, "refused", "a"),
            null,
            RoleOperators.NONE,
            null,
            OwedHooks.NONE);
    assertThat(EventText.switched(SENSE, MASTER, next, null, null).message())
        .isEqualTo(
            "Pool sense: server sen1 serves instead of server sen2: no connection could be made"
                + " (refused, epoch 2, decided by a)");
  }

  @Test
  void a_switch_names_both_servers_the_reason_and_its_duration() {
    assertThat(failover(Duration.ofMillis(1_750)))
        .isEqualTo(
            "Pool sense: server sen1 serves instead of server sen2: health check failed (sen2: 3"
                + " bad observations in a row, last: status 503, epoch 2, 1750 ms after the first"
                + " bad sign)");
    assertThat(failover(Duration.ofMinutes(5))).endsWith(" 300 s after the first bad sign)");
  }

  @Test
  void a_planned_switch_that_failed_says_who_decides() {
    SwitchRequest request =
        new SwitchRequest(BACKUP, SwitchRequest.DEFAULT_PAUSE, false, null, null);
    List<Stage> stages = List.of(new Stage(SwitchPhase.FAILED, Instant.EPOCH, ""));
    PlannedSwitch failed =
        new PlannedSwitch("1-a", MASTER, request, 2, "", Set.of(), false, stages);
    assertThat(EventText.planned(SENSE, failed, null).message())
        .contains("failed, so the replicas choose who serves");
  }

  @Test
  void a_first_choice_and_no_server_are_worded_plainly() {
    assertThat(
            EventText.switched(
                    SENSE,
                    null,
                    agreed(MASTER, 1, SwitchReason.INITIAL, "sen2: first probe was good"),
                    null,
                    null)
                .message())
        .isEqualTo(
            "Pool sense: server sen2 serves: first choice after the start (sen2: first probe was"
                + " good, epoch 1)");
    assertThat(
            EventText.switched(
                    SENSE, MASTER, agreed(null, 3, SwitchReason.NO_SERVER, "x"), null, null)
                .message())
        .isEqualTo(
            "Pool sense: nobody serves instead of server sen2: no server is usable (x, epoch 3)");
  }
}
