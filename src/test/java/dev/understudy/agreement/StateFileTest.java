package dev.understudy.agreement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.understudy.file.BackgroundWriter;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Log lines of the state file give the reason in words, and no name of a Java class. */
class StateFileTest {
  private static final StateDocument EMPTY = new StateDocument(StateDocument.VERSION, Map.of());

  @TempDir Path directory;

  private static String why(Path path) {
    StateFile file = new StateFile(path);
    return BackgroundWriter.why(
        catchThrowableOfType(IOException.class, () -> file.write(EMPTY, LaterFields.NONE)));
  }

  @Test
  void a_missing_directory() {
    assertThat(why(directory.resolve("missing/state.json")))
        .isEqualTo("its directory does not exist");
  }

  @Test
  void a_directory_in_its_place() throws IOException {
    Path taken = Files.createDirectory(directory.resolve("state.json"));
    Files.createFile(taken.resolve("something"));
    assertThat(why(taken)).doesNotContain("java").isNotBlank();
    IOException read =
        catchThrowableOfType(IOException.class, () -> new StateFile(taken).read(Instant.MAX));
    assertThat(BackgroundWriter.why(read)).isEqualTo("it is a directory");
  }

  @Test
  void a_file_in_the_place_of_its_directory() throws IOException {
    Path taken = Files.createFile(directory.resolve("taken"));
    assertThat(why(taken.resolve("state.json"))).isEqualTo("Not a directory");
  }

  @Test
  void no_permission_and_a_read_only_file_system() {
    assertThat(BackgroundWriter.why(new AccessDeniedException("/state.json")))
        .isEqualTo("permission denied");
    assertThat(
            BackgroundWriter.why(
                new FileSystemException("/state.json", null, "Read-only file system")))
        .isEqualTo("Read-only file system");
  }
}
