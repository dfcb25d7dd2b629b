package dev.understudy.agreement.quorum;

import static dev.understudy.agreement.quorum.Scene.BACKUP;
import static dev.understudy.agreement.quorum.Scene.BACKUP_IDENTITY;
import static dev.understudy.agreement.quorum.Scene.BACKUP_SERVER;
import static dev.understudy.agreement.quorum.Scene.MASTER;
import static dev.understudy.agreement.quorum.Scene.MASTER_IDENTITY;
import static dev.understudy.agreement.quorum.Scene.MASTER_SERVER;
import static dev.understudy.agreement.quorum.Scene.NOW;
import static dev.understudy.agreement.quorum.Scene.POOL;
import static dev.understudy.agreement.quorum.Scene.SENSE;
import static dev.understudy.agreement.quorum.Scene.held;
import static dev.understudy.agreement.quorum.Scene.name;
import static dev.understudy.agreement.quorum.Scene.seen;
import static dev.understudy.agreement.quorum.Scene.voter;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.failover.SwitchReason;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchPhase;
import dev.understudy.switchover.SwitchRequest;
import dev.understudy.testing.Rows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The choice that a replica made alone, settled. The record: the master in epoch 7. */
class SettlementTest {
  // For each replica: b moved to the backup in epoch 7, o in epoch 6, m to the master, n to nobody;
  // - did not act alone, . has no such pool.
  @Rows(
      """
      nobody acted alone              | ---  | none
      one of one                      | b    | backup
      one of two is a tie             | b-   | none
      both of two                     | bb   | backup
      one of three                    | b--  | none
      two of three                    | bb-  | backup
      two of three, one without pool  | bb.  | backup
      one of three, two without pool  | b..  | none
      two of four are a tie           | bb-- | none
      three of four                   | bbb- | backup
      under an older epoch            | oo   | none
      one of them under an older one  | bo-  | none
      two moved to nobody             | nnb  | none
      two stayed with the holder      | mmb  | none
      no electorate                   | ``   | none
      """)
  void majority(String row, String acts, String expected) {
    List<Voter> voters = new ArrayList<>();
    for (int i = 0; i < acts.length(); i++) {
      voters.add(voter(name(i), true, ballot(acts.charAt(i))));
    }
    assertThat(Settlement.majority(SENSE, held(MASTER_IDENTITY, 7), voters))
        .isEqualTo(expected.equals("none") ? Optional.empty() : Optional.of(BACKUP_IDENTITY));
  }

  // This replica chose the backup alone, or nobody ("none"). The votes are those of all on the
  // master and on the backup, one letter for each replica; the acts as above.
  @Rows(
      """
      holder only missing here, replicas too  | no  | no  | UU | UU,UU | backup | bb | Wait
      holder only missing here                | no  | yes | UU | UU,UU | backup | bb | Drop
      all choose the backup                   | yes | no  | SU | SS,UU | backup | bb | Decide
      the one chosen alone failed             | yes | no  | US | UU,UU | backup | bb | Drop
      nobody was chosen alone                 | yes | no  | UU | UU,UU | none   | nn | Drop
      replicas may be missing                 | yes | no  | UU | UU,UU | backup | bb | Wait
      a majority chose the backup alone       | yes | yes | SU | UU,UU | backup | bb | Adopt
      a failback from it is to follow         | yes | yes | UU | UU,UU | backup | bb | Adopt
      only a minority chose it                | yes | yes | SU | UU,UU | backup | b- | Drop
      a majority did, but finds it DOWN now   | yes | yes | SU | UU,SS | backup | bb | Drop
      """)
  void step(
      String row,
      String holderKnown,
      String calm,
      String own,
      String votes,
      String alone,
      String acts,
      String expected) {
    String master = votes.substring(0, votes.indexOf(','));
    String backup = votes.substring(votes.indexOf(',') + 1);
    List<Voter> voters = new ArrayList<>();
    for (int i = 0; i < acts.length(); i++) {
      String letters = master.substring(i, i + 1) + backup.charAt(i);
      Ballot found = Scene.ballot(letters, 0, MASTER_SERVER, BACKUP_SERVER);
      Ballot.Acted acted = ballot(acts.charAt(i)).acted();
      voters.add(voter(name(i), true, new Ballot(7, acted, found.votes())));
    }
    PoolRecord record = held(MASTER_IDENTITY, 7);
    Settlement settlement =
        new Settlement(POOL, record, record.roleState(null), voters, seen(own), NOW);

    Settlement.Way step =
        settlement.way(
            alone.equals("none") ? null : BACKUP, holderKnown.equals("yes"), calm.equals("yes"));

    assertThat(step.getClass().getSimpleName()).isEqualTo(expected);
    AgreedRole chosen =
        new AgreedRole(record.roleState(null), SwitchReason.CONNECTION_FAILED, NOW, "refused");
    if (step instanceof Settlement.Way.Decide decide) {
      assertThat(decide.to()).isEqualTo(BACKUP);
      assertHasBackup(settlement.decided(BACKUP, NOW, "a"));
      assertThat(settlement.decided(null, NOW, "a")).isEmpty();
    }
    if (step instanceof Settlement.Way.Adopt) {
      assertHasBackup(settlement.adopted(chosen, NOW, "a"));
    } else if (expected.equals("Drop") && calm.equals("yes") && holderKnown.equals("yes")) {
      assertThat(settlement.adopted(chosen, NOW, "a")).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void while_a_planned_switch_holds_clients_its_phases_alone_decide(SwitchPhase phase) {
    PlannedSwitch planned =
        new PlannedSwitch(
            "7-x",
            MASTER,
            new SwitchRequest(BACKUP, Duration.ofSeconds(10), false, null, null),
            8,
            "b",
            Set.of("a", "b"),
            false,
            List.of(new PlannedSwitch.Stage(phase, NOW, "")));
    PoolRecord held = held(MASTER_IDENTITY, 7);
    PoolRecord record = held.next(held.agreed(null).with(planned), MASTER_IDENTITY, "b");
    Ballot found = Scene.ballot("SU", 0, MASTER_SERVER, BACKUP_SERVER);
    List<Voter> all = List.of(voter("a", true, new Ballot(7, ballot('b').acted(), found.votes())));
    Settlement settlement =
        new Settlement(POOL, record, record.roleState(null), all, seen("SU"), NOW);

    boolean decides = !phase.pauses();
    assertThat(settlement.way(BACKUP, true, true) instanceof Settlement.Way.Decide)
        .isEqualTo(decides);
    // One that is scheduled is given up by its own table, and says so.
    Optional<PlannedSwitch> kept = decides ? Optional.of(planned) : Optional.empty();
    assertThat(settlement.decided(BACKUP, NOW, "a").map(PoolRecord::planned)).isEqualTo(kept);
    AgreedRole alone = new AgreedRole(record.roleState(null), SwitchReason.INITIAL, NOW, "");
    assertThat(settlement.adopted(alone, NOW, "a").map(PoolRecord::planned)).isEqualTo(kept);
  }

  private static void assertHasBackup(Optional<PoolRecord> settled) {
    PoolRecord record = settled.orElseThrow();
    assertThat(record.holder()).isEqualTo(BACKUP_IDENTITY);
    assertThat(record.epoch()).isEqualTo(8);
    assertThat(record.decidedBy()).isEqualTo("a");
  }

  private static Ballot ballot(char act) {
    Ballot.Acted acted =
        switch (act) {
          case 'b' -> new Ballot.Acted(Optional.of(BACKUP_IDENTITY), 7);
          case 'o' -> new Ballot.Acted(Optional.of(BACKUP_IDENTITY), 6);
          case 'm' -> new Ballot.Acted(Optional.of(MASTER_IDENTITY), 7);
          case 'n' -> new Ballot.Acted(Optional.empty(), 7);
          default -> null;
        };
    return act == '.' ? null : new Ballot(7, acted, Map.of());
  }
}
