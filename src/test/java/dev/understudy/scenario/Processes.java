package dev.understudy.scenario;

import java.io.IOException;
import java.nio.file.Path;

/** What processes of tests need. */
public final class Processes {
  private Processes() {}

  /** The Java that runs the tests. */
  public static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** Sends a signal to a process that this test started. */
  public static void signal(Process process, String signal)
      throws IOException, InterruptedException {
    int status =
        new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
            .inheritIO()
            .start()
            .waitFor();
    if (status != 0) {
      throw new IOException("kill -" + signal + " ended with " + status);
    }
  }
}
