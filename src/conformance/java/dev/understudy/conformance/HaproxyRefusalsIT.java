package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.RefusedLines;
import dev.understudy.testing.Extent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lines of {@code refused.txt}, put to HAProxy itself: {@code haproxy -c}. */
class HaproxyRefusalsIT {
  @TempDir private static Path folder;

  @Test
  void haproxy_refuses_and_accepts_the_lines_that_the_import_does() throws Exception {
    List<String> wrong = new ArrayList<>();
    for (RefusedLines.Row row : Extent.sample(RefusedLines.all())) {
      if (isRefused(row) != row.isRefused()) {
        wrong.add(row.toString());
      }
    }
    assertThat(wrong).isEmpty();
  }

  private static boolean isRefused(RefusedLines.Row row) throws IOException, InterruptedException {
    Path file = Files.writeString(folder.resolve("haproxy.cfg"), row.text());
    Process process =
        new ProcessBuilder("haproxy", "-c", "-f", file.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("output").toFile())
            .start();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("haproxy -c did not end: " + row);
    }
    return process.exitValue() != 0;
  }
}
