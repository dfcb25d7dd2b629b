package dev.understudy.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BoundedFileTest {
  @TempDir private Path folder;

  private String reason(Path file) {
    return BoundedFile.reason(
        catchThrowableOfType(IOException.class, () -> BoundedFile.read(file, 10)));
  }

  @Test
  void a_file_within_the_bound_is_read_whole_and_of_a_larger_one_a_byte_more() throws IOException {
    Path file = folder.resolve("file");
    assertThat(BoundedFile.read(Files.writeString(file, "0123456789"), 10)).hasSize(10);
    assertThat(BoundedFile.read(Files.writeString(file, "0123456789abc"), 10)).hasSize(11);
  }

  @Test
  void a_reason_names_no_path() {
    assertThat(reason(folder.resolve("none"))).isEqualTo("it does not exist");
    assertThat(reason(folder)).isEqualTo("it is a directory");
    assertThat(BoundedFile.reason(new AccessDeniedException("/path")))
        .isEqualTo("permission denied");
    assertThat(BoundedFile.reason(new FileSystemException("/path", null, "Too many open files")))
        .isEqualTo("Too many open files");
    assertThat(BoundedFile.reason(new IOException("broken"))).isEqualTo("broken");
  }
}
