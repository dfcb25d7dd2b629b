package dev.understudy.agreement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.understudy.file.BackgroundWriter;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.testing.FolderOwner;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a file says in a later form; log lines, which name no Java class. */
class StateFileTest {
  private static final byte[] EMPTY = {};

  @TempDir Path directory;

  private static String why(Path path) {
    StateFile file = new StateFile(path);
    return BackgroundWriter.why(catchThrowableOfType(IOException.class, () -> file.write(EMPTY)));
  }

  @Test
  void a_state_of_a_later_version_costs_its_pool_nothing_else() throws IOException {
    StateFile.Content read =
        StateFile.parse(
            """
            {"version":1,"pools":{"sense":{"epoch":7,"failbacks":0,"serving":"sen1",
              "since":"2026-01-01T00:00:00Z","operatorStates":{"sen1":"asleep","sen2":"drain"},
              "statesBy":{"sen1":{"name":"bob","state":"asleep"},
                "sen2":{"name":"bob","state":"drain","over":"asleep","at":"2026-01-01T00:00:00Z"}}}}}
            """
                .getBytes(StandardCharsets.UTF_8),
            Instant.MAX);
    assertThat(read.unreadable()).isEmpty();
    RememberedPool sense = read.memory().get(new PoolId("sense"));
    assertThat(sense.epoch()).isEqualTo(7);
    OperatorStates states = sense.operatorStates();
    assertThat(states.states()).isEqualTo(Map.of(new ServerId("sen2"), OperatorState.DRAIN));
    assertThat(states.acts()).containsOnlyKeys(new ServerId("sen2"));
    assertThat(states.override(new ServerId("sen2"))).isNull();
  }

  @Test
  void what_root_writes_belongs_to_the_owner_of_the_folder_as_the_service_is_another_user()
      throws IOException {
    UserPrincipal service = FolderOwner.another(directory);
    StateFile file = new StateFile(directory.resolve("state"));
    file.lock();
    file.write(EMPTY);
    file.unlock();
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.map(FolderOwner::of)).hasSize(2).containsOnly(service);
    }
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
