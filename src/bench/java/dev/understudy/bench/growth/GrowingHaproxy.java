package dev.understudy.bench.growth;

import dev.understudy.bench.peer.Child;
import dev.understudy.bench.peer.Haproxy;
import dev.understudy.bench.peer.ProcFs;
import dev.understudy.bench.peer.Program;
import dev.understudy.bench.peer.Site;
import dev.understudy.scenario.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The newest HAProxy that is there, with its pages of statistics and of metrics. */
final class GrowingHaproxy extends Subject {
  private static final String FRONTEND = "frontend in\n";

  private final Program program = Program.newestHaproxy();
  private final Site site;
  private final int port = Ports.free();
  private final int managementPort = Ports.free();
  private final Path file;
  private final Child process;

  GrowingHaproxy(Site site) throws IOException {
    this.site = site;
    file = site.folder().resolve("growing-" + port + ".cfg");
    write(0);
    process = Haproxy.startReloadable(program, site.folder(), file, port);
  }

  private void write(int version) throws IOException {
    String text =
        Haproxy.configuration(site, port)
            .replace(
                FRONTEND, FRONTEND + "  http-response set-header " + VERSION + " " + version + "\n")
            .concat(
                """
                frontend statistics
                  bind 127.0.0.1:%d
                  http-request use-service prometheus-exporter if { path /metrics }
                  stats enable
                  stats uri /
                """
                    .formatted(managementPort));
    Files.writeString(file, text);
  }

  @Override
  String name() {
    return Haproxy.title(program);
  }

  @Override
  int port() {
    return port;
  }

  @Override
  int managementPort() {
    return managementPort;
  }

  @Override
  long cpuNanos() {
    return ProcFs.cpuNanos(process.pid());
  }

  @Override
  long rssBytes() {
    return ProcFs.rssBytes(process.pid());
  }

  @Override
  double heapMegabytes() {
    return Double.NaN;
  }

  @Override
  String metrics() {
    return "/metrics";
  }

  @Override
  String page() {
    return "/";
  }

  @Override
  void prepare(int next) throws IOException {
    write(next);
  }

  @Override
  void configure() throws IOException {
    process.signal("USR2");
  }

  @Override
  public void close() {
    process.close();
  }
}
