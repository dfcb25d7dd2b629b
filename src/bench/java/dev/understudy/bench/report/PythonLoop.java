package dev.understudy.bench.report;

import java.io.IOException;
import java.util.List;

/**
 * The unit of durations of a start: a fixed loop of Python, timed by Python itself, so that figures
 * of a slow and a fast machine can be compared.
 *
 * @param seconds NaN: there is no Python
 * @param cpuSeconds user and system time; NaN: there is no Python
 */
public record PythonLoop(double seconds, double cpuSeconds) {
  /** What a machine without {@code python3} has. */
  public static final PythonLoop NONE = new PythonLoop(Double.NaN, Double.NaN);

  private static final String PROGRAM =
      """
      from time import perf_counter, process_time
      began, cpu = perf_counter(), process_time()
      sum(i*i for i in range(10**7))
      print(perf_counter() - began, process_time() - cpu)
      """;

  /** Runs it once, for half a second to a second. */
  public static PythonLoop run() throws InterruptedException {
    try {
      Process python = new ProcessBuilder(List.of("python3", "-c", PROGRAM)).start();
      String printed = new String(python.getInputStream().readAllBytes());
      return python.waitFor() == 0 ? parse(printed) : NONE;
    } catch (IOException e) {
      return NONE;
    }
  }

  static PythonLoop parse(String printed) {
    String[] numbers = printed.trim().split(" ");
    return new PythonLoop(Double.parseDouble(numbers[0]), Double.parseDouble(numbers[1]));
  }
}
