package dev.understudy.bench.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The limit of open files of a process, which can be lowered and raised while it runs. */
final class Descriptors {
  private static final int SPARE = 2;

  private Descriptors() {}

  /** Leaves room for hardly more than are open. */
  static void exhaust(long pid) throws IOException, InterruptedException {
    try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
      int highest =
          open.mapToInt(file -> Integer.parseInt(file.getFileName().toString())).max().orElse(0);
      limit(pid, Integer.toString(highest + SPARE));
    }
  }

  /** As many as the process may have. */
  static void restore(long pid) throws IOException, InterruptedException {
    String limits = Files.readString(Path.of("/proc/" + pid + "/limits"));
    String hard =
        limits
            .lines()
            .filter(line -> line.startsWith("Max open files"))
            .map(line -> line.split("\\s{2,}")[2])
            .findFirst()
            .orElseThrow();
    limit(pid, hard);
  }

  private static void limit(long pid, String soft) throws IOException, InterruptedException {
    int status =
        new ProcessBuilder("prlimit", "--pid=" + pid, "--nofile=" + soft + ":")
            .inheritIO()
            .start()
            .waitFor();
    if (status != 0) {
      throw new IOException("prlimit ended with " + status);
    }
  }
}
