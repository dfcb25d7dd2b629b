package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The compose file, as Debian's docker-compose reads it: by the schema of the specification. */
class ComposeIT {
  private static final Path FILE = Path.of("deploy/compose/compose.yaml");

  @TempDir private Path folder;

  private record Ended(int status, String said) {}

  private static Ended config(Path file) throws Exception {
    Process process =
        new ProcessBuilder("docker-compose", "--file", file.toString(), "config", "--quiet")
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes());
    return new Ended(process.waitFor(), said);
  }

  @Test
  void is_valid() throws Exception {
    assertThat(config(FILE)).returns(0, Ended::status).returns("", Ended::said);
  }

  @Test
  void a_wrong_setting_would_be_found() throws Exception {
    Path wrong = folder.resolve("compose.yaml");
    Files.writeString(wrong, Files.readString(FILE).replace("read_only: true", "read_onyl: true"));
    assertThat(config(wrong))
        .satisfies(ended -> assertThat(ended.status()).isNotZero())
        .satisfies(ended -> assertThat(ended.said()).contains("read_onyl"));
  }
}
