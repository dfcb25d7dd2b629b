package dev.understudy.bench.report;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;

/** Where it was measured, and with what. */
public final class Machine {
  private static final Path JAR = Path.of("target", "understudy.jar");

  private Machine() {}

  /**
   * What a reader wants to know of it.
   *
   * @param load the average of the last minute, at the end
   * @param understudy its version
   */
  public record Facts(
      String processor,
      int cores,
      long memoryMegabytes,
      String kernel,
      double load,
      String jdk,
      String understudy) {}

  /** This machine's. */
  public static Facts facts() {
    return new Facts(
        processor(),
        Runtime.getRuntime().availableProcessors(),
        memoryMegabytes(),
        "Linux " + System.getProperty("os.version"),
        Double.parseDouble(read(Path.of("/proc/loadavg")).split(" ")[0]),
        Runtime.version().toString(),
        understudy());
  }

  private static long memoryMegabytes() {
    return read(Path.of("/proc/meminfo"))
        .lines()
        .filter(line -> line.startsWith("MemTotal:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
        .findFirst()
        .orElse(0);
  }

  private static String understudy() {
    try (JarFile jar = new JarFile(JAR.toFile())) {
      String version = jar.getManifest().getMainAttributes().getValue("Implementation-Version");
      return version == null ? "unknown" : version;
    } catch (IOException e) {
      return "unknown";
    }
  }

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
