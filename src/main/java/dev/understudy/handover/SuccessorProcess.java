package dev.understudy.handover;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Starts the next process as this one was started: by the launcher that the variable {@value
 * #LAUNCHER} names, which may have been replaced since, else by the same command line. It is no
 * child of this process, so that the service manager sees its end.
 */
public final class SuccessorProcess {
  /** Names the launcher. */
  static final String LAUNCHER = "UNDERSTUDY_LAUNCHER";

  /**
   * The variable in which systemd names the process that its watchdog is for: not the successor.
   */
  private static final String WATCHDOG_PID = "WATCHDOG_PID";

  /** Writes the process's number into a file, then runs the command in its place. */
  private static final String SCRIPT = "echo $$ > \"$0\"; exec \"$@\"";

  /** How often, and with which pause, the number is looked for: for 30 s. */
  private static final int LOOKS = 1500;

  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private SuccessorProcess() {}

  /**
   * Starts it.
   *
   * @return its number
   * @throws IOException if it cannot be started
   */
  static long start() throws IOException {
    return start(
        command(
            System.getenv(LAUNCHER),
            List.of(
                Files.readString(Path.of("/proc/self/cmdline"), StandardCharsets.UTF_8)
                    .split("\0", -1))));
  }

  private static long start(List<String> command) throws IOException {
    Path number = Files.createTempFile("understudy", ".pid");
    try {
      List<String> detached =
          new ArrayList<>(List.of("setsid", "-f", "sh", "-c", SCRIPT, number.toString()));
      detached.addAll(command);
      ProcessBuilder builder = new ProcessBuilder(detached).inheritIO();
      builder.environment().remove(WATCHDOG_PID);
      builder.start().onExit().join();
      for (int i = 0; i < LOOKS; i++) {
        String text = Files.readString(number).strip();
        if (!text.isEmpty()) {
          return Long.parseLong(text);
        }
        LockSupport.parkNanos(LOOK_NANOS);
      }
      throw new IOException("it did not start");
    } finally {
      Files.delete(number);
    }
  }

  /**
   * The command of the next process.
   *
   * @param launcher null if this process was started without one
   * @param own this process's command line, with an empty argument at its end
   */
  static List<String> command(@Nullable String launcher, List<String> own) {
    List<String> arguments = own.subList(0, own.size() - 1);
    int jar = arguments.indexOf("-jar");
    if (launcher == null || jar < 0) {
      return List.copyOf(arguments);
    }
    List<String> command = new ArrayList<>(Arrays.asList(launcher));
    command.addAll(arguments.subList(jar + 2, arguments.size()));
    return command;
  }
}
