package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Chroot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The Debian packages, as their script builds them, and one that stands for a Java. */
final class DebianPackage {
  private DebianPackage() {}

  /** Builds it into a folder. */
  static Path build(Path folder, String version) throws IOException, InterruptedException {
    return build(folder, Map.of("DEB_VERSION", version));
  }

  /** Builds it into a folder, with variables of the script. */
  static Path build(Path folder, Map<String, String> environment)
      throws IOException, InterruptedException {
    return Path.of(run(environment, "deploy/debian/build.sh", folder.toString()));
  }

  /** Builds the one that brings a Java into a folder. */
  static Path buildWithJava(Path folder, String version) throws IOException, InterruptedException {
    return Path.of(
        run(
            Map.of("DEB_VERSION", version, "JAVA_HOME", ImageBuilder.jdk().toString()),
            "deploy/debian/build.sh",
            "--with-java",
            folder.toString()));
  }

  /** A field of its control file. */
  static String field(Path deb, String name) throws IOException, InterruptedException {
    return run(Map.of(), "dpkg-deb", "--field", deb.toString(), name);
  }

  /** Builds a later version into a folder: each example has one line more. */
  static Path buildWithOtherExamples(Path folder, String version)
      throws IOException, InterruptedException {
    String script =
        """
        set -e
        dpkg-deb --raw-extract "$1" "$2"
        for file in "$2"/usr/share/understudy/examples/*; do echo '# new' >> "$file"; done
        (cd "$2" && find usr -type f | sort | xargs md5sum) > "$2/DEBIAN/md5sums"
        dpkg-deb --root-owner-group --build -Zgzip -z1 "$2" "$1"
        """;
    Path deb = build(folder, version);
    String unpacked = folder.resolve("unpacked-" + version).toString();
    run(Map.of(), "/bin/sh", "-c", script, "sh", deb.toString(), unpacked);
    return deb;
  }

  /** Stands in for openjdk-21-jre-headless, which not every release of Debian has. */
  static Path java(Path folder) throws IOException, InterruptedException {
    Path root = Files.createDirectories(folder.resolve("java/DEBIAN")).getParent();
    Files.writeString(
        root.resolve("DEBIAN/control"),
        """
        Package: some-java
        Version: 25
        Architecture: all
        Maintainer: nobody <nobody@example.org>
        Provides: java21-runtime-headless
        Description: stands for the Java that is copied in
        """);
    // Packages of Java have files there.
    Files.writeString(Files.createDirectories(root.resolve("usr/lib/jvm")).resolve(".some"), "");
    Path file = folder.resolve("java.deb");
    run(Map.of(), "dpkg-deb", "--build", root.toString(), file.toString());
    return file;
  }

  /**
   * Installs packages without the caches, which take half a minute: for a Java without a version
   * there are none. Returns what was printed.
   */
  static String installUnprepared(Chroot debian, String... debs)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(List.of("env", "UNDERSTUDY_JAVA=/bin/false", "dpkg", "--install"));
    command.addAll(List.of(debs));
    return debian.must(command.toArray(String[]::new));
  }

  private static String run(Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes()).strip();
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }
}
