package dev.understudy.haproxy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Lines that HAProxy refuses or accepts, each in a file that is right otherwise. */
public final class RefusedLines {
  private static final Path FILE = Path.of("src/test/resources/dev/understudy/haproxy/refused.txt");

  /**
   * One line.
   *
   * @param place {@code global}, {@code front} or {@code back}
   */
  public record Row(boolean isRefused, String place, String line) {
    /** The file in which it stands. */
    public String text() {
      String own = "  " + line + "\n";
      boolean leads = place.equals("front") && line.startsWith("default_backend");
      return "global\n"
          + (place.equals("global") ? own : "  maxconn 100\n")
          + "defaults\n  mode http\n  timeout client 5s\n  timeout server 5s\n"
          + "  timeout connect 1s\nfrontend f\n  bind 127.0.0.1:18100\n"
          + (place.equals("front") ? own : "")
          + (leads ? "" : "  default_backend b\n")
          + "backend b\n  server s 127.0.0.1:18190\n"
          + (place.equals("back") ? own : "")
          + "backend tcpb\n  mode tcp\n  server s 127.0.0.1:18191\n";
    }

    /** The line's number, from 1. */
    public int number() {
      return 1 + text().lines().toList().lastIndexOf("  " + line);
    }
  }

  private RefusedLines() {}

  /** All rows. */
  public static List<Row> all() throws IOException {
    return Files.readAllLines(FILE).stream()
        .filter(row -> !row.startsWith("#"))
        .map(row -> row.split("\\|", 3))
        .map(row -> new Row(row[0].strip().equals("refused"), row[1].strip(), row[2].strip()))
        .toList();
  }
}
