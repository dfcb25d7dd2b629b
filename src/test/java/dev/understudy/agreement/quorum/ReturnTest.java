package dev.understudy.agreement.quorum;

import static dev.understudy.agreement.quorum.Scene.BACKUP_IDENTITY;
import static dev.understudy.agreement.quorum.Scene.MASTER_IDENTITY;
import static dev.understudy.agreement.quorum.Scene.SENSE;
import static dev.understudy.agreement.quorum.Scene.held;
import static dev.understudy.agreement.quorum.Scene.name;
import static dev.understudy.agreement.quorum.Scene.voter;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** To whom a majority moved while it was out of touch. The record: the master in epoch 7. */
class ReturnTest {
  // For each replica: b moved to the backup in epoch 7, o in epoch 6, m to the master, n to nobody;
  // - did not act alone, . has no such pool.
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
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
          no electorate                   | ''   | none
          """)
  void majority(String row, String acts, String expected) {
    List<Voter> voters = new ArrayList<>();
    for (int i = 0; i < acts.length(); i++) {
      voters.add(voter(name(i), true, ballot(acts.charAt(i))));
    }
    assertThat(Return.majority(SENSE, held(MASTER_IDENTITY, 7), voters))
        .isEqualTo(expected.equals("none") ? Optional.empty() : Optional.of(BACKUP_IDENTITY));
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
