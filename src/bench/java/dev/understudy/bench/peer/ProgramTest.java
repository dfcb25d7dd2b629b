package dev.understudy.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgramTest {
  @ParameterizedTest
  @CsvSource({
    "HAProxy version 3.2.26-1 2026/10/14 - https://haproxy.org/, 3.2.26",
    "HAProxy version 2.6.12-1+deb12u4 2026/10/17 - https://haproxy.org/, 2.6.12",
    "nginx version: nginx/1.30.6, 1.30.6"
  })
  void the_version_is_what_the_first_line_has_without_debians_part(String line, String version) {
    assertThat(Program.version(line)).contains(version);
  }

  @Test
  void a_program_that_prints_none_is_not_there() {
    assertThat(Program.version(null)).isEmpty();
    assertThat(Program.version("chroot: failed to run command 'nginx'")).isEmpty();
  }

  @Test
  void an_installed_one_is_run_by_name_and_another_in_its_own_root_with_the_folder() {
    Path folder = Path.of("/tmp/work");
    assertThat(new Program("nginx", "1.2", null).command(folder, "-v"))
        .containsExactly("nginx", "-v");
    assertThat(new Program("nginx", "1.3", Path.of("/tmp/root")).command(folder, "-v"))
        .startsWith("unshare", "--mount")
        .endsWith("sh", "/tmp/root", "/tmp/work", "nginx", "-v");
  }
}
