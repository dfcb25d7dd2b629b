package dev.understudy.bench.report;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Where it was measured, and with what. */
public final class Machine {
  private Machine() {}

  /** One line. */
  public static String describe() {
    return "%d cores (%s), Linux %s, load %s; JDK %s; %s; %s"
        .formatted(
            Runtime.getRuntime().availableProcessors(),
            processor(),
            System.getProperty("os.version"),
            read(Path.of("/proc/loadavg")).split(" ")[0],
            Runtime.version(),
            version("haproxy", "-v"),
            version("nginx", "-v"));
  }

  private static String processor() {
    return read(Path.of("/proc/cpuinfo"))
        .lines()
        .filter(line -> line.startsWith("model name"))
        .map(line -> line.substring(line.indexOf(':') + 1).trim())
        .findFirst()
        .orElse("unknown");
  }

  /** The first line that a program prints, up to what follows its version. */
  private static String version(String... command) {
    try {
      Process process = new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
      try (BufferedReader reader = process.inputReader()) {
        String line = reader.readLine();
        return line == null ? command[0] : line.replaceFirst("(\\d\\S*).*", "$1");
      }
    } catch (IOException e) {
      return "no " + command[0];
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
