package dev.understudy.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The programs from Debian that we compare with. */
public final class Packages {
  private static final List<String> NEEDED = List.of("haproxy", "nginx");

  private Packages() {}

  /**
   * Requires all of them.
   *
   * @throws MissingException if one is not installed
   */
  public static void require() {
    require(NEEDED);
  }

  /**
   * Requires HAProxy alone.
   *
   * @throws MissingException if it is not installed
   */
  public static void requireHaproxy() {
    require(List.of("haproxy"));
  }

  private static void require(List<String> programs) {
    List<String> missing = programs.stream().filter(name -> !isInstalled(name)).toList();
    if (!missing.isEmpty()) {
      throw new MissingException(missing);
    }
  }

  private static boolean isInstalled(String program) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  /** Says what to install. */
  public static final class MissingException extends RuntimeException {
    MissingException(List<String> names) {
      super(
          "needs Debian's "
              + String.join(" and ", names)
              + ": apt-get install --no-install-recommends "
              + String.join(" ", names));
    }
  }
}
