package dev.understudy.agreement.quorum;

import static dev.understudy.agreement.quorum.Scene.BACKUP;
import static dev.understudy.agreement.quorum.Scene.BACKUP_IDENTITY;
import static dev.understudy.agreement.quorum.Scene.MASTER_IDENTITY;
import static dev.understudy.agreement.quorum.Scene.MOVED_MASTER;
import static dev.understudy.agreement.quorum.Scene.held;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.ServerIdentity;
import dev.understudy.pool.OperatorState;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of a record that the register holds. */
class AdoptionTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # row                                          | known  | found   | adoption
          nothing anywhere                               | none   | none    | FOLLOW
          the first record                               | none   | 1 sen2  | FOLLOW
          a record that begins high: we were not there   | none   | 9 sen2  | FOLLOW
          only operators' states                         | none   | 0 drain | FOLLOW
          a record of nobody                             | none   | 4 -     | FOLLOW
          the next epoch                                 | 3 sen2 | 4 sen1  | FOLLOW
          the next epoch, same holder                    | 3 sen2 | 4 sen2  | FOLLOW
          the next epoch, nobody                         | 3 sen2 | 4 -     | FOLLOW
          a far higher epoch                             | 3 sen2 | 90 sen1 | FOLLOW
          the same again                                 | 3 sen2 | 3 sen2  | FOLLOW
          nobody again                                   | 3 -    | 3 -     | FOLLOW
          the same epoch and another holder              | 3 sen2 | 3 sen1  | REPAIR
          the same epoch and name elsewhere              | 3 sen2 | 3 moved | REPAIR
          the same epoch, and nobody                     | 3 sen2 | 3 -     | REPAIR
          the same epoch, and somebody instead of nobody | 3 -    | 3 sen2  | REPAIR
          a lower epoch                                  | 3 sen2 | 2 sen2  | REPAIR
          a lower epoch of another                       | 3 sen2 | 2 sen1  | REPAIR
          no epoch any more, only states                 | 3 sen2 | 0 drain | REPAIR
          an entry that says nothing                     | 3 sen2 | 0 -     | REPAIR
          the entry was deleted                          | 3 sen2 | none    | REPAIR
          before the first epoch, a state was ended      | 0 drain | 0 -    | FOLLOW
          before the first epoch, the entry was deleted  | 0 drain | none   | REPAIR
          before the first epoch, the first begins       | 0 drain | 1 sen2 | FOLLOW
          """)
  void of(String row, String known, String found, Adoption expected) {
    PoolRecord before = record(known);
    assertThat(Adoption.of(before == null ? PoolRecord.NONE : before, record(found)))
        .isEqualTo(expected);
  }

  private static @Nullable PoolRecord record(String text) {
    if (text.equals("none")) {
      return null;
    }
    String[] parts = text.split(" ", -1);
    PoolRecord record = held(holder(parts[1]), Long.parseLong(parts[0]));
    return parts[1].equals("drain") ? record.with(BACKUP, OperatorState.DRAIN, null) : record;
  }

  private static @Nullable ServerIdentity holder(String text) {
    return switch (text) {
      case "sen2" -> MASTER_IDENTITY;
      case "sen1" -> BACKUP_IDENTITY;
      case "moved" -> ServerIdentity.of(MOVED_MASTER);
      default -> null;
    };
  }
}
