package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The unit, as systemd's own tool reads it. */
class SystemdUnitIT {
  private static final Path UNIT = Path.of("deploy/systemd/understudy.service");

  /** 0 is nothing left to take away, 10 no restriction; services without any have 9.6. */
  private static final double EXPOSED = 2.0;

  @TempDir private Path folder;

  private static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    process.waitFor();
    return said;
  }

  /** With a launcher that exists, as on a machine with the package. */
  private Path unit() throws IOException {
    Path unit = folder.resolve("understudy.service");
    String launcher = Path.of("deploy/debian/understudy").toAbsolutePath().toString();
    Files.writeString(unit, Files.readString(UNIT).replace("/usr/bin/understudy", launcher));
    return unit;
  }

  @Test
  void verifies() throws Exception {
    String said = run("systemd-analyze", "verify", "--man=no", unit().toString());
    assertThat(said.lines().filter(line -> line.contains("understudy"))).isEmpty();
  }

  @Test
  void a_wrong_setting_would_be_found() throws Exception {
    Path unit = unit();
    Files.writeString(unit, Files.readString(unit).replace("ProtectHome=yes", "ProtectHom=yes"));
    assertThat(run("systemd-analyze", "verify", "--man=no", unit.toString()))
        .contains("ProtectHom");
  }

  @Test
  void is_well_confined() throws Exception {
    String said = run("systemd-analyze", "security", "--offline=true", unit().toString());
    Matcher level =
        Pattern.compile("Overall exposure level for understudy.service: ([0-9.]+)").matcher(said);
    assertThat(level.find()).as(said).isTrue();
    System.out.println("systemd-analyze security: " + level.group(1));
    assertThat(Double.parseDouble(level.group(1))).as(said).isLessThanOrEqualTo(EXPOSED);
  }
}
