package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.scenario.Processes;
import dev.understudy.scenario.ProxyProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The last release as a process: its own classes, kept by {@code src/conformance/earlier/make.sh},
 * before the libraries of today's jar. What of ours is in that jar is behind its own classes, and
 * used for nothing.
 */
final class EarlierRelease {
  static final String VERSION = "0.9.0";

  /** What it wrote, and its settings. */
  static final Path KEPT = Path.of("src/test/resources/dev/understudy/release-" + VERSION);

  private static final Path ARCHIVES = Path.of("src/conformance/earlier");

  private final Path classes;

  private EarlierRelease(Path classes) {
    this.classes = classes;
  }

  /** Unpacks its classes into a folder. */
  static EarlierRelease unpack(Path folder) throws IOException, InterruptedException {
    return new EarlierRelease(unpack("classes", folder));
  }

  /** Unpacks its Debian package, which lacks the program, into a folder. */
  static Path unpackPackage(Path folder) throws IOException, InterruptedException {
    return unpack("package", folder);
  }

  private static Path unpack(String what, Path folder) throws IOException, InterruptedException {
    Path to = Files.createDirectories(folder.resolve(VERSION + "-" + what));
    Path archive = ARCHIVES.resolve(VERSION + "-" + what + ".tar.xz");
    Process tar =
        new ProcessBuilder("tar", "-xJf", archive.toString(), "-C", to.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(tar.getInputStream().readAllBytes());
    assertThat(tar.waitFor()).as(said).isZero();
    return to;
  }

  Path classes() {
    return classes;
  }

  /** Starts it with this dynamic file, and waits until it is ready. */
  ProxyProcess start(Path folder, Path config, String... arguments) throws IOException {
    List<String> program =
        List.of(
            Processes.java(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx128m",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            classes + ":" + Path.of("target/understudy.jar").toAbsolutePath(),
            "dev.understudy.Main");
    return ProxyProcess.startProgram(program, folder, config, arguments);
  }
}
