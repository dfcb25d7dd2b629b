package dev.understudy.bench.peer;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Debian's HAProxy or nginx, of this machine or of a newer release.
 *
 * @param name of the command
 * @param version as the program prints it, such as {@code 3.2.26}
 * @param root of the Debian that it is in; null: this machine
 */
public record Program(String name, String version, @Nullable Path root) {
  private static final Pattern VERSION = Pattern.compile("\\d+(?:\\.\\d+)+");

  /** Nobody but the program and its children sees what is mounted for it. */
  private static final String ENTER =
      """
      mkdir -p "$1$2" && mount --rbind "$2" "$1$2" && mount --rbind /proc "$1/proc" || exit 1
      root=$1; shift 2
      exec chroot "$root" "$@"
      """;

  private static final ConcurrentMap<String, Optional<Program>> FOUND = new ConcurrentHashMap<>();

  /** Where a program comes from. */
  public enum Edition {
    /** What this machine's user has installed. */
    INSTALLED,
    /** That of Debian's newest suite. */
    NEWEST
  }

  /** HAProxy; empty if it is not there. */
  public static Optional<Program> haproxy(Edition edition) {
    return find("haproxy", edition);
  }

  /** The newest HAProxy that is there. */
  public static Program newestHaproxy() {
    return haproxy(Edition.NEWEST).or(() -> haproxy(Edition.INSTALLED)).orElseThrow();
  }

  /** The nginx; empty if it is not there. */
  public static Optional<Program> nginx(Edition edition) {
    return find("nginx", edition);
  }

  /** Why there is only what is installed; empty if there is more. */
  public static String obstacle() {
    return NewestDebian.get().obstacle();
  }

  private static Optional<Program> find(String name, Edition edition) {
    return FOUND.computeIfAbsent(
        edition + name,
        key ->
            switch (edition) {
              case INSTALLED -> program(name, null);
              case NEWEST -> NewestDebian.get().root().flatMap(root -> program(name, root));
            });
  }

  private static Optional<Program> program(String name, @Nullable Path root) {
    List<String> command = new ArrayList<>();
    if (root != null) {
      command.addAll(List.of("chroot", root.toString()));
    }
    command.addAll(List.of(name, "-v"));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      try (BufferedReader reader = process.inputReader()) {
        return version(reader.readLine()).map(version -> new Program(name, version, root));
      }
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  static Optional<String> version(@Nullable String line) {
    Matcher version = VERSION.matcher(line == null ? "" : line);
    return version.find() ? Optional.of(version.group()) : Optional.empty();
  }

  /**
   * The command that runs it and stays its process.
   *
   * @param folder that it can read and write, under the same name
   */
  List<String> command(Path folder, String... arguments) {
    List<String> command = new ArrayList<>();
    if (root != null) {
      command.addAll(List.of("unshare", "--mount", "--", "sh", "-c", ENTER, "sh"));
      command.addAll(List.of(root.toString(), folder.toAbsolutePath().toString()));
    }
    command.add(name);
    command.addAll(List.of(arguments));
    return command;
  }
}
