package dev.understudy.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.PoolId;
import dev.understudy.testing.EarlierRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The journal of the last release, which a process that was killed left. */
class EarlierJournalTest {
  private static final int SEGMENT = 2 * 1024 * 1024;

  @TempDir private Path folder;
  private JournalContent content;

  @BeforeEach
  void read() throws IOException {
    Path file = folder.resolve("state.events");
    Files.copy(EarlierRecords.FOLDER.resolve("state.events"), file);
    content = new Journal(file, SEGMENT).read();
  }

  private List<JsonNode> switchesOf(String pool) {
    return content.events().stream()
        .filter(event -> Objects.equals(event.pool(), new PoolId(pool)))
        .filter(event -> event.type().equals("switched"))
        .map(StoredEvent::document)
        .toList();
  }

  @Test
  void no_line_is_damaged() {
    assertThat(content.problems()).isEmpty();
    assertThat(content.damaged()).isZero();
    assertThat(content.events()).isNotEmpty();
  }

  @Test
  void who_served_in_which_epoch_is_known() {
    assertThat(switchesOf("moved"))
        .extracting(each -> each.path("to").asString() + " " + each.path("epoch").asLong())
        .containsExactly("master 1", "backup 2", "master 3", "backup 4", "master 5");
  }

  @Test
  void events_have_sentences() {
    assertThat(content.events())
        .allSatisfy(each -> assertThat(each.document().path("message").asString()).isNotBlank());
  }
}
