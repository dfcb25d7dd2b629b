package dev.understudy.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;

/** What Linux says of the calling thread. */
public final class ThreadStatus {
  private ThreadStatus() {}

  /** {@code Cpus_allowed_list}, such as 0-3,7. */
  public static BitSet allowedCpus() throws IOException {
    String list =
        Files.readAllLines(Path.of("/proc/thread-self/status")).stream()
            .filter(line -> line.startsWith("Cpus_allowed_list:"))
            .findFirst()
            .orElseThrow()
            .replaceFirst(".*:\\s*", "");
    BitSet cpus = new BitSet();
    for (String range : list.split(",")) {
      String[] ends = range.split("-");
      cpus.set(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]) + 1);
    }
    return cpus;
  }
}
