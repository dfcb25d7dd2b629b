package dev.understudy.agreement.quorum;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.quorum.WriteOutcome.Read;
import dev.understudy.agreement.register.RegisterException.Reason;
import dev.understudy.testing.Rows;

/** What is known of a write that failed: each failure, with each thing that a read can find. */
class WriteOutcomeTest {
  @Rows(
      """
      a conflict with a copy of the same write that came before | CONFLICT  | OURS      | WRITTEN
      a conflict with another write                             | CONFLICT  | ANOTHER   | OVERTAKEN
      a conflict that has gone by the time of the read          | CONFLICT  | UNCHANGED | OVERTAKEN
      a conflict with what cannot be read                       | CONFLICT  | FAILED    | NOT_WRITTEN
      a refusal                                                 | REFUSED   | UNCHANGED | NOT_WRITTEN
      a refusal of what another replica has written             | REFUSED   | ANOTHER   | NOT_WRITTEN
      a refusal of the read as well                             | REFUSED   | FAILED    | NOT_WRITTEN
      a refusal of what an earlier copy has written             | REFUSED   | OURS      | WRITTEN
      no connection                                             | NOT_TAKEN | UNCHANGED | NOT_WRITTEN
      no connection for the read either                         | NOT_TAKEN | FAILED    | NOT_WRITTEN
      no connection for a copy of what is written               | NOT_TAKEN | OURS      | WRITTEN
      no connection while another replica writes                | NOT_TAKEN | ANOTHER   | NOT_WRITTEN
      a lost answer to what was written                         | UNCERTAIN | OURS      | WRITTEN
      a lost answer and another write since                     | UNCERTAIN | ANOTHER   | OVERTAKEN
      a lost answer to what may still be under way              | UNCERTAIN | UNCHANGED | NOT_KNOWN
      a lost answer and no read                                 | UNCERTAIN | FAILED    | NOT_KNOWN
      """)
  void a_failed_write_is_known_by_its_failure_and_a_read(
      String name, Reason failure, Read read, WriteOutcome outcome) {
    assertThat(WriteOutcome.of(failure, read)).isEqualTo(outcome);
  }

  @Rows(
      """
      the write                                  | true  | 8 | 7 | OURS
      the write, read as it was before by chance | true  | 7 | 7 | OURS
      what the write was made upon               | false | 7 | 7 | UNCHANGED
      nothing, as the write expected             | false | 0 | 0 | UNCHANGED
      another write                              | false | 8 | 7 | ANOTHER
      an entry that another replica created      | false | 8 | 0 | ANOTHER
      nothing, as it was deleted                 | false | 0 | 7 | ANOTHER
      an older entry, as the store was restored  | false | 3 | 7 | ANOTHER
      """)
  void a_read_finds(String name, boolean ours, long revision, long expected, Read found) {
    assertThat(Read.of(ours, revision, expected)).isEqualTo(found);
  }
}
