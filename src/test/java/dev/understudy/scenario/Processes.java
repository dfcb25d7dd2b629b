package dev.understudy.scenario;

import dev.understudy.testing.Await;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** What processes of tests need. */
public final class Processes {
  private Processes() {}

  /** The Java that runs the tests. */
  public static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /**
   * Starts the built jar. Compiled as what lives shortly: C1 alone takes half the CPU.
   *
   * @param options further ones of the JVM
   */
  public static List<String> jar(List<String> options) {
    List<String> command =
        new ArrayList<>(List.of(java(), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(options);
    command.addAll(List.of("-jar", Path.of("target/understudy.jar").toAbsolutePath().toString()));
    return command;
  }

  /**
   * Starts the built jar as image and package do: with an archive of its classes.
   *
   * @param options further ones of the JVM
   */
  public static List<String> archived(List<String> options) {
    List<String> all = new ArrayList<>(options);
    all.add("-XX:SharedArchiveFile=" + Path.of("target/understudy.jsa").toAbsolutePath());
    return jar(all);
  }

  /** Gives a file another text, in one step. */
  static void replace(Path file, String text) throws IOException {
    Path next = Files.writeString(file.resolveSibling("next"), text);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Runs a command; false if it fails, or is not there. */
  public static boolean succeeds(List<String> command) throws InterruptedException {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Sends a signal to a process that this test started; returns after SIGSTOP once it has stopped,
   * which takes each thread until its time slice ends.
   */
  public static void signal(ProcessHandle process, String signal)
      throws IOException, InterruptedException {
    int status =
        new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
            .inheritIO()
            .start()
            .waitFor();
    if (status != 0) {
      throw new IOException("kill -" + signal + " ended with " + status);
    }
    if (signal.equals("STOP")) {
      Await.until("it has stopped", () -> hasStopped(process));
    }
  }

  /**
   * Whether no thread runs: stopped, or ended and not yet waited for by its parent (proc(5), the
   * field that follows the name in parentheses).
   */
  private static boolean hasStopped(ProcessHandle process) throws IOException {
    try (DirectoryStream<Path> threads =
        Files.newDirectoryStream(Path.of("/proc/" + process.pid() + "/task"))) {
      for (Path thread : threads) {
        String stat = Files.readString(thread.resolve("stat"));
        if ("TZ".indexOf(stat.charAt(stat.lastIndexOf(')') + 2)) < 0) {
          return false;
        }
      }
      return true;
    } catch (NoSuchFileException e) {
      // It ended meanwhile, or one of its threads.
      return !process.isAlive();
    }
  }
}
