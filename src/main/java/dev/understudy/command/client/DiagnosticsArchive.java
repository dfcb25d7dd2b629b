package dev.understudy.command.client;

import dev.understudy.status.TextTable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Everything that a replica tells of itself, in one ZIP file: a document of the API each, and
 * {@code summary.txt} with what came and what did not.
 */
final class DiagnosticsArchive {
  /** A document of the API and the name of its file. */
  record Part(String file, String path) {}

  static final List<Part> PARTS =
      List.of(
          new Part("overview.json", "/api/overview"),
          new Part("pools.json", "/api/pools"),
          new Part("events.json", "/api/events?limit=1000"),
          new Part("timelines.json", "/api/timelines?minutes=1440"),
          new Part("rates.json", "/api/rates"),
          new Part("routes.json", "/api/routes"),
          new Part("config.json", "/api/config"),
          new Part("agreement.json", "/api/agreement"),
          new Part("process.json", "/api/process"),
          new Part("certificates.json", "/api/certificates"),
          new Part("loggers.json", "/api/loggers"),
          new Part("notifications.json", "/api/notifications"),
          new Part("readiness.json", "/actuator/health/readiness"),
          new Part("metrics.txt", "/actuator/prometheus"),
          new Part("diagnostics.json", "/api/diagnostics"));

  private final ManagementApi api;
  private final TextTable summary =
      new TextTable().row("FILE", "STATUS", "BYTES", "MILLIS", "REMARK");
  private final List<String> missing = new ArrayList<>();

  DiagnosticsArchive(ManagementApi api) {
    this.api = api;
  }

  /** The documents that did not come, with the reason. */
  List<String> missing() {
    return missing;
  }

  /**
   * Writes the file.
   *
   * @param head the first lines of the summary
   * @throws IOException if it cannot be written
   */
  void write(OutputStream to, List<String> head) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(to)) {
      for (Part part : PARTS) {
        add(zip, part);
      }
      List<String> lines = new ArrayList<>(head);
      lines.add("");
      lines.addAll(summary.lines());
      add(zip, "summary.txt", (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }

  private void add(ZipOutputStream zip, Part part) throws IOException {
    long begin = System.nanoTime();
    try {
      ApiResponse reply = api.get(part.path());
      long millis = Duration.ofNanos(System.nanoTime() - begin).toMillis();
      // An unready replica says so with 503.
      boolean wanted = reply.ok() || part.path().startsWith("/actuator/health");
      if (wanted) {
        add(zip, part.file(), reply.body());
      }
      String remark = wanted ? "" : remark(reply);
      if (!wanted && reply.status() != 404) {
        missing.add(part.file() + ": " + remark);
      }
      summary.row(
          part.file(),
          String.valueOf(reply.status()),
          String.valueOf(reply.body().length),
          String.valueOf(millis),
          remark);
    } catch (ClientFailure e) {
      missing.add(part.file() + ": " + e.line());
      summary.row(part.file(), "-", "-", "-", e.line());
    }
  }

  private static String remark(ApiResponse reply) {
    String problem = reply.problem();
    return problem == null ? "status " + reply.status() : problem;
  }

  private static void add(ZipOutputStream zip, String name, byte[] content) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(content);
    zip.closeEntry();
  }
}
