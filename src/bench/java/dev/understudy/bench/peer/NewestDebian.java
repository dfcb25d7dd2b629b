package dev.understudy.bench.peer;

import dev.understudy.scenario.Processes;
import dev.understudy.testing.Chroot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A Debian of the newest suite in a folder below {@code target}, for its HAProxy and nginx: made
 * once, by root with {@code mmdebstrap}, and kept. To renew it, delete the folder.
 */
final class NewestDebian {
  /** The suite that a new version reaches first. */
  private static final String SUITE = "sid";

  private static final Path FOLDER = Path.of("target", "bench", "debian-" + SUITE).toAbsolutePath();

  private static @Nullable NewestDebian only;

  private final @Nullable Path root;
  private final String obstacle;

  private NewestDebian(@Nullable Path root, String obstacle) {
    this.root = root;
    this.obstacle = obstacle;
  }

  /** Makes it where there is none, which takes a minute or more. */
  static synchronized NewestDebian get() {
    NewestDebian known = only;
    if (known == null) {
      known = make();
      only = known;
      if (known.root == null) {
        System.err.println(known.obstacle);
      }
    }
    return known;
  }

  /** Its files; empty if it cannot be made here. */
  Optional<Path> root() {
    return Optional.ofNullable(root);
  }

  /** Why there is none; empty if there is one. */
  String obstacle() {
    return obstacle;
  }

  private static NewestDebian make() {
    try {
      if (!Processes.succeeds(List.of("unshare", "--mount", "true"))) {
        return without("this user may not mount anything");
      }
      if (!Files.isDirectory(FOLDER)) {
        System.err.println("making a Debian of the suite " + SUITE + " in " + FOLDER);
        Path part = FOLDER.resolveSibling("part");
        Processes.succeeds(List.of("rm", "-rf", "--one-file-system", part.toString()));
        Files.createDirectories(part);
        Chroot.of(SUITE, part, "haproxy", "nginx-light").unmountProc();
        Files.move(part, FOLDER);
      }
      return new NewestDebian(FOLDER.resolve("root"), "");
    } catch (IOException | AssertionError | IllegalStateException e) {
      return without(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static NewestDebian without(String reason) {
    return new NewestDebian(
        null, "Only the installed HAProxy and nginx, none of a newer Debian: " + lastLine(reason));
  }

  private static String lastLine(String text) {
    return text.strip().lines().reduce("", (before, line) -> line);
  }
}
