package dev.understudy.bench.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One run of a program that ends by itself, timed by the shell.
 *
 * @param cpuSeconds user and system time, of its children too
 */
record Timed(double seconds, double cpuSeconds) {
  /** Prints its times in seconds: elapsed, user, system. The program's output is kept apart. */
  private static final String TIMER = "TIMEFORMAT='%3R %3U %3S'; time \"$@\" > \"$0\" 2>&1";

  /**
   * Runs a command in a folder to its end.
   *
   * @throws IOException if it fails; with its output
   */
  static Timed run(Path folder, Map<String, String> environment, List<String> command)
      throws IOException, InterruptedException {
    Path output = folder.resolve("command.log");
    List<String> timed = new ArrayList<>(List.of("bash", "-c", TIMER, output.toString()));
    timed.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(timed).directory(folder.toFile());
    builder.environment().putAll(environment);
    builder.environment().put("LC_ALL", "C");
    Process process = builder.redirectErrorStream(true).start();
    String times = new String(process.getInputStream().readAllBytes());
    int status = process.waitFor();
    if (status != 0) {
      throw new IOException(
          "%s: exit %d:%n%s"
              .formatted(String.join(" ", command), status, Files.readString(output)));
    }
    return parse(times);
  }

  static Timed parse(String times) {
    String[] numbers = times.trim().split(" ");
    return new Timed(
        Double.parseDouble(numbers[0]),
        Double.parseDouble(numbers[1]) + Double.parseDouble(numbers[2]));
  }
}
