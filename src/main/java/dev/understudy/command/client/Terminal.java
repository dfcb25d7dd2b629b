package dev.understudy.command.client;

import java.io.BufferedReader;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The terminal in front of which the operator sits, controlled through {@code stty}: single keys
 * without echo, and the size. Signals keep their keys, so Ctrl-C ends the program; the former
 * settings are restored then, too.
 */
final class Terminal implements AutoCloseable {
  private static final File DEVICE = new File("/dev/tty");
  private static final long MEASURE_NANOS = 1_000_000_000;
  private static final String ENTER = "\u001b[?1049h\u001b[?25l";
  private static final String LEAVE = "\u001b[?25h\u001b[?1049l";

  /** Rows and columns. */
  record Size(int rows, int columns) {
    static final Size DEFAULT = new Size(24, 80);
  }

  private final String former;
  private final FileInputStream keys;
  private Size size = measure();
  private long measured = System.nanoTime();
  private final Thread restoring = new Thread(this::restore, "terminal");

  private Terminal(String former, FileInputStream keys) {
    this.former = former;
    this.keys = keys;
  }

  /**
   * Takes the terminal over.
   *
   * @return null if standard output is no terminal, or none that {@code stty} knows
   */
  static @Nullable Terminal open() {
    try {
      if (!isTerminal(1)) {
        return null;
      }
      String former = stty("-g");
      if (former == null || stty("-icanon", "-echo", "min", "0", "time", "2") == null) {
        return null;
      }
      Terminal terminal = new Terminal(former.strip(), new FileInputStream(DEVICE));
      Runtime.getRuntime().addShutdownHook(terminal.restoring);
      System.out.print(ENTER);
      System.out.flush();
      return terminal;
    } catch (IOException e) {
      return null;
    }
  }

  /** Whether an operator can be asked: standard input and output are a terminal. */
  static boolean isInteractive() {
    try {
      return isTerminal(0) && isTerminal(1);
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether the next line of standard input is a yes. */
  static boolean isYes() {
    try {
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      String answer = lines.readLine();
      return answer != null
          && List.of("y", "yes").contains(answer.strip().toLowerCase(Locale.ROOT));
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean isTerminal(int descriptor) throws IOException {
    return ended(
        new ProcessBuilder("test", "-t", Integer.toString(descriptor))
            .redirectInput(ProcessBuilder.Redirect.INHERIT)
            .redirectOutput(ProcessBuilder.Redirect.INHERIT)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start());
  }

  /** The next byte of a key; -1 if none comes within 0.2 s. */
  int read() throws IOException {
    return keys.read();
  }

  /** The size, asked for at most once a second. */
  Size size() {
    long now = System.nanoTime();
    if (now - measured >= MEASURE_NANOS) {
      size = measure();
      measured = now;
    }
    return size;
  }

  private static Size measure() {
    try {
      String size = stty("size");
      String[] numbers = size == null ? new String[0] : size.strip().split(" ");
      if (numbers.length == 2) {
        return new Size(
            Math.max(5, Integer.parseInt(numbers[0])), Math.max(40, Integer.parseInt(numbers[1])));
      }
    } catch (IOException | NumberFormatException e) {
      // Some terminals do not know their size.
    }
    return Size.DEFAULT;
  }

  /** Runs {@code stty} on the terminal; returns its output, or null if it failed. */
  private static @Nullable String stty(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("stty"));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .redirectInput(DEVICE)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return ended(process) ? output : null;
  }

  private static boolean ended(Process process) {
    try {
      return process.waitFor() == 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void restore() {
    System.out.print(LEAVE);
    System.out.flush();
    try {
      var unused = stty(former);
    } catch (IOException e) {
      // Nothing else could restore it.
    }
  }

  @Override
  public void close() throws IOException {
    Runtime.getRuntime().removeShutdownHook(restoring);
    restore();
    keys.close();
  }
}
