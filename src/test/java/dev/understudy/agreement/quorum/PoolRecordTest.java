package dev.understudy.agreement.quorum;

import static dev.understudy.agreement.quorum.Scene.BACKUP;
import static dev.understudy.agreement.quorum.Scene.BACKUP_IDENTITY;
import static dev.understudy.agreement.quorum.Scene.MASTER_IDENTITY;
import static dev.understudy.agreement.quorum.Scene.MOVED_MASTER;
import static dev.understudy.agreement.quorum.Scene.held;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.OperatorStates;
import dev.understudy.agreement.ServerIdentity;
import dev.understudy.pool.OperatorState;
import dev.understudy.testing.Rows;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What becomes of a record that the register holds. */
class PoolRecordTest {
  @Rows(
      """
      // row                                          | known  | found   | follows
      nothing anywhere                               | none   | none    | true
      the first record                               | none   | 1 sen2  | true
      a record that begins high: we were not there   | none   | 9 sen2  | true
      only operators' states                         | none   | 0 drain | true
      a record of nobody                             | none   | 4 -     | true
      the next epoch                                 | 3 sen2 | 4 sen1  | true
      the next epoch, same holder                    | 3 sen2 | 4 sen2  | true
      the next epoch, nobody                         | 3 sen2 | 4 -     | true
      a far higher epoch                             | 3 sen2 | 90 sen1 | true
      the same again                                 | 3 sen2 | 3 sen2  | true
      nobody again                                   | 3 -    | 3 -     | true
      the same epoch and another holder              | 3 sen2 | 3 sen1  | false
      the same epoch and name elsewhere              | 3 sen2 | 3 moved | false
      the same epoch, and nobody                     | 3 sen2 | 3 -     | false
      the same epoch, and somebody instead of nobody | 3 -    | 3 sen2  | false
      a lower epoch                                  | 3 sen2 | 2 sen2  | false
      a lower epoch of another                       | 3 sen2 | 2 sen1  | false
      no epoch any more, only states                 | 3 sen2 | 0 drain | false
      an entry that says nothing                     | 3 sen2 | 0 -     | false
      the entry was deleted                          | 3 sen2 | none    | false
      before the first epoch, a state was ended      | 0 drain | 0 -    | true
      before the first epoch, the entry was deleted  | 0 drain | none   | false
      before the first epoch, the first begins       | 0 drain | 1 sen2 | true
      """)
  void follows(String row, String known, String found, boolean expected) {
    PoolRecord before = record(known);
    assertThat((before == null ? PoolRecord.NONE : before).follows(record(found)))
        .isEqualTo(expected);
  }

  private static @Nullable PoolRecord record(String text) {
    if (text.equals("none")) {
      return null;
    }
    String[] parts = text.split(" ", -1);
    PoolRecord record = held(holder(parts[1]), Long.parseLong(parts[0]));
    return parts[1].equals("drain")
        ? record.with(OperatorStates.NONE.with(BACKUP, OperatorState.DRAIN, null, null))
        : record;
  }

  private static @Nullable ServerIdentity holder(String text) {
    return switch (text) {
      case "sen2" -> MASTER_IDENTITY;
      case "sen1" -> BACKUP_IDENTITY;
      case "moved" -> ServerIdentity.of(MOVED_MASTER);
      default -> null;
    };
  }

  @Test
  void a_failback_that_was_given_up_is_news_once() {
    PoolRecord before = held(MASTER_IDENTITY, 4);
    PoolRecord givenUp =
        before.next(before.agreed(null).with(RecordCodecTest.FAILBACK), MASTER_IDENTITY, "a");
    assertThat(givenUp.gaveFailbackUp(before)).isTrue();
    assertThat(givenUp.gaveFailbackUp(givenUp)).isFalse();
    assertThat(before.gaveFailbackUp(givenUp)).isFalse();
  }
}
