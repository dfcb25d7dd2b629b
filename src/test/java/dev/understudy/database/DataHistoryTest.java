package dev.understudy.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.database.DataHistory.Replication;
import dev.understudy.database.DataHistory.Timeline;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A history survives a restart in its stored form. */
class DataHistoryTest {
  @Test
  void a_history_comes_back_as_it_was_stored() {
    for (DataHistory history :
        new DataHistory[] {
          new Timeline(7),
          new Replication("22af", "0000", true),
          new Replication("22af", "", false),
          new Replication("a".repeat(40), "b".repeat(40), false)
        }) {
      assertThat(DataHistory.ofStored(history.stored())).isEqualTo(history);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "timeline", "timeline -1", "timeline 99999999999999999999", "later 3"})
  void what_cannot_be_a_history_is_none(String text) {
    assertThat(DataHistory.ofStored(text)).isNull();
    Replication saidByNoRedis = new Replication("x".repeat(65), "", false);
    assertThat(DataHistory.ofStored(saidByNoRedis.stored())).isNull();
  }
}
