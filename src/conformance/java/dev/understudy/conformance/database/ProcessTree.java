package dev.understudy.conformance.database;

import dev.understudy.scenario.Processes;
import dev.understudy.testing.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A server with all of its processes, which end, stop and go on together, as those of a machine.
 */
final class ProcessTree {
  private final ProcessHandle root;

  private ProcessTree(ProcessHandle root) {
    this.root = root;
  }

  /** The process with that number if it runs that program, with all that it has started. */
  static Optional<ProcessTree> of(long pid, String program) {
    return ProcessHandle.of(pid)
        .filter(each -> each.info().command().orElse("").endsWith("/" + program))
        .map(ProcessTree::new);
  }

  /** Starts the command, its output appended to that file. */
  static ProcessTree start(Path log, List<String> command) throws IOException {
    return new ProcessTree(
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start()
            .toHandle());
  }

  /** Runs the command to its end; fails with its output unless it ends well. */
  static String run(Path folder, List<String> command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + ": " + output);
    }
    return output;
  }

  boolean isAlive() {
    return root.isAlive();
  }

  /** Ends all of its processes at once, as a power failure would. */
  void kill() {
    List<ProcessHandle> all = all();
    all.forEach(ProcessHandle::destroyForcibly);
    Await.until("all processes ended", () -> all.stream().noneMatch(ProcessHandle::isAlive));
  }

  /** Stops all of its processes: the kernel still accepts connections, and nobody answers. */
  void freeze() throws IOException, InterruptedException {
    signal("STOP");
  }

  void thaw() throws IOException, InterruptedException {
    signal("CONT");
  }

  /** The parent comes first: stopped, it starts no others. A child may end meanwhile. */
  private void signal(String signal) throws IOException, InterruptedException {
    signal(signal, root);
    for (ProcessHandle each : root.descendants().toList()) {
      signal(signal, each);
    }
  }

  private static void signal(String signal, ProcessHandle to)
      throws IOException, InterruptedException {
    try {
      Processes.signal(to, signal);
    } catch (IOException e) {
      if (to.isAlive()) {
        throw e;
      }
    }
  }

  private List<ProcessHandle> all() {
    return Stream.concat(Stream.of(root), root.descendants()).toList();
  }

  /** Deletes a folder with all that is in it. */
  static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
