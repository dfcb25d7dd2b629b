package dev.understudy.agreement;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RenamedPoolTest {
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "nothing was agreed on either, 0, 0, true, true",
    "nothing was agreed on either and the name is an old one, 0, 0, false, false",
    "nothing is known under the new name, 4, 0, true, true",
    "nothing was agreed under an old name, 4, 0, false, true",
    "the earlier pool went on, 4, 3, false, true",
    "the same epoch under a new name, 4, 4, true, true",
    "the same epoch under an old name, 4, 4, false, false",
    "the pool went on since, 4, 5, true, false",
    "the pool went on since under an old name, 4, 5, false, false",
  })
  void what_was_agreed_on_the_earlier_pool_is_taken_along(
      String name, long earlier, long known, boolean anew, boolean takenAlong) {
    assertThat(RenamedPool.isTakenAlong(earlier, known, anew)).isEqualTo(takenAlong);
  }
}
