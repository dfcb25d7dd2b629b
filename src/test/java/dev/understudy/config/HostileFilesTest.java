package dev.understudy.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Extent;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A file that a stranger has written may be refused, but takes neither memory nor the stack. */
@Tag(Extent.FULL)
class HostileFilesTest {
  private static final int RANDOM_FILES = 100;

  @Test
  void no_file_ends_a_process_of_64_megabytes() throws Exception {
    Process child =
        new ProcessBuilder(
                System.getProperty("java.home") + "/bin/java",
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                HostileFiles.class.getName(),
                "1",
                Integer.toString(Extent.rounds(20 * RANDOM_FILES, RANDOM_FILES)))
            .redirectErrorStream(true)
            .start();
    String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor()).as(said).isZero();
    List<String> ends = said.lines().filter(line -> line.endsWith(" ms)")).toList();
    assertThat(ends).hasSizeGreaterThan(RANDOM_FILES);
    assertThat(ends).noneMatch(line -> line.contains("java.lang."));
  }
}
