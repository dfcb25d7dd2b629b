package dev.understudy.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file is read again if it may have changed, and only then. */
class FileChangesTest {
  @TempDir private Path folder;
  private Path file;

  /** An hour later: every change so far is long ago. */
  private final AtomicLong clock = new AtomicLong(System.currentTimeMillis() + 3_600_000);

  private FileChanges changes;

  @BeforeEach
  void write() throws IOException {
    file = Files.writeString(folder.resolve("file"), "one");
    changes = new FileChanges(file, clock::get);
  }

  @Test
  void an_unchanged_file_is_read_once_until_it_is_forgotten() throws IOException {
    assertThat(changes.any()).isTrue();
    assertThat(changes.any()).isFalse();
    assertThat(changes.any()).isFalse();
    changes.forget();
    assertThat(changes.any()).isTrue();
  }

  @Test
  void a_change_that_hides_its_time_and_keeps_the_size_is_seen() throws IOException {
    FileTime before = Files.getLastModifiedTime(file);
    assertThat(changes.any()).isTrue();
    Files.setLastModifiedTime(Files.writeString(file, "two"), before);

    assertThat(changes.any()).isTrue();
    assertThat(changes.any()).isFalse();
  }

  @Test
  void a_file_that_has_just_changed_is_read_again_until_its_time_tells_changes_apart()
      throws IOException {
    long changed = ((FileTime) Files.getAttribute(file, "unix:ctime")).toMillis();
    clock.set(changed + 1000);
    assertThat(changes.any()).isTrue();
    assertThat(changes.any()).isTrue();
    clock.set(changed + 1001);
    assertThat(changes.any()).isTrue();
    assertThat(changes.any()).isFalse();
  }

  @Test
  void another_file_behind_a_link_is_seen() throws IOException {
    Path second = Files.writeString(folder.resolve("second"), "two");
    Path link = Files.createSymbolicLink(folder.resolve("link"), file);
    FileChanges linked = new FileChanges(link, clock::get);
    assertThat(linked.any()).isTrue();
    assertThat(linked.any()).isFalse();

    Path next = Files.createSymbolicLink(folder.resolve("next"), second);
    Files.move(next, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    assertThat(linked.any()).isTrue();
  }

  @Test
  void a_file_that_comes_back_is_read() throws IOException {
    assertThat(changes.any()).isTrue();
    Path away = Files.move(file, folder.resolve("away"));
    assertThatThrownBy(changes::any).isInstanceOf(NoSuchFileException.class);
    Files.move(away, file);

    assertThat(changes.any()).isTrue();
  }
}
