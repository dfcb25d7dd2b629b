package dev.understudy.agreement.quorum;

import static dev.understudy.agreement.quorum.Scene.BACKUP_IDENTITY;
import static dev.understudy.agreement.quorum.Scene.MASTER;
import static dev.understudy.agreement.quorum.Scene.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.agreement.ServerIdentity;
import dev.understudy.failover.RoleMemory;
import dev.understudy.failover.RoleState;
import dev.understudy.failover.SwitchReason;
import dev.understudy.pool.ServerId;
import dev.understudy.testing.Rows;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

class LocalChoiceTest {
  private static final SwitchReason REASON = SwitchReason.HEALTH_CHECK_FAILED;

  private static AgreedRole role(@Nullable ServerId serving, long epoch) {
    RoleState state = new RoleState(serving, epoch, serving, 2, NOW, RoleMemory.NONE);
    return new AgreedRole(state, REASON, NOW, "refused");
  }

  @Rows(
      """
      a failover stays in the epoch that was agreed on    | 7 | 7 | backup | 7
      so does the lack of a server                        | 7 | 7 |        | 7
      the record may be ahead of what was in force here   | 7 | 9 | backup | 9
      what was in force here may be ahead of the record   | 7 | 3 | backup | 7
      the first choice of a new pool is in epoch 1        | 0 | 0 | backup | 1
      nobody serves a new pool in epoch 0                 | 0 | 0 |        | 0
      """)
  void a_choice_made_alone_begins_no_epoch(
      String row, long before, long record, @Nullable String chosen, long epoch) {
    AgreedRole current = role(before == 0 ? null : MASTER, before);
    ServerIdentity identity = chosen == null ? null : BACKUP_IDENTITY;
    AgreedRole next = role(identity == null ? null : identity.id(), before + 1);

    LocalChoice alone = LocalChoice.of(current, next, identity, record, "proxy-1");

    RoleState state = alone.agreed().roleState();
    assertThat(state.epoch()).isEqualTo(epoch);
    assertThat(state.serving()).isEqualTo(next.roleState().serving());
    assertThat(state.pinned()).isNull();
    assertThat(state.failbacks()).isEqualTo(2);
    assertThat(alone.agreed().decision())
        .isEqualTo(
            new AgreedRole.Decision(
                REASON,
                NOW,
                "refused; decided alone, out of touch with the other replicas",
                "proxy-1"));
    assertThat(alone.acted()).isEqualTo(new Ballot.Acted(Optional.ofNullable(identity), record));
  }
}
