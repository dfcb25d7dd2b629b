package dev.understudy.bench.command;

import dev.understudy.bench.peer.Child;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * The Debian package, unpacked into a folder and not installed, with the caches that its launcher
 * makes, if it makes any.
 *
 * @param root of the package's files
 */
record Launcher(Path root) {
  private static final Path REPOSITORY = Path.of("").toAbsolutePath();
  private static final String PREPARE = "--prepare";

  /** Builds the package from the jar and unpacks it. */
  static Launcher unpack(Path folder) throws IOException, InterruptedException {
    Launcher launcher = new Launcher(folder.resolve("root"));
    run("package", REPOSITORY, folder, Map.of(), "deploy/debian/build.sh", folder.toString());
    run(
        "unpack",
        folder,
        folder,
        Map.of(),
        "sh",
        "-c",
        "dpkg-deb --extract understudy_*_all.deb root");
    if (Files.readString(launcher.program()).contains(PREPARE)) {
      run(
          "prepare",
          folder,
          folder,
          launcher.environment(),
          launcher.program().toString(),
          PREPARE);
    }
    return launcher;
  }

  Path program() {
    return root.resolve("usr/bin/understudy");
  }

  /** What tells the launcher its places below the root, and the Java of the benchmarks. */
  Map<String, String> environment() {
    return Map.of(
        "UNDERSTUDY_SHARE",
        root.resolve("usr/share/understudy").toString(),
        "UNDERSTUDY_ETC",
        root.resolve("etc/understudy").toString(),
        "UNDERSTUDY_CACHE",
        root.resolve("var/cache/understudy").toString(),
        "JAVA_HOME",
        Path.of(Child.java()).getParent().getParent().toString());
  }

  private static void run(
      String name, Path folder, Path logs, Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    Path log = logs.resolve(name + ".log");
    ProcessBuilder builder =
        new ProcessBuilder(List.of(command))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().putAll(environment);
    builder.environment().put("PATH", javaFirst());
    if (builder.start().waitFor() != 0) {
      throw new IOException(name + " failed:\n" + Files.readString(log));
    }
  }

  private static String javaFirst() {
    return Path.of(Child.java()).getParent() + ":" + System.getenv().getOrDefault("PATH", "");
  }
}
