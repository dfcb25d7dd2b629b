package dev.understudy.bench.peer;

import dev.understudy.scenario.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Debian's HAProxy, tuned: a thread for each core, server connections shared, checks with the
 * intervals and time-out of Understudy's defaults, a server DOWN after three failed connections of
 * traffic, and no POST that may have arrived is sent again.
 */
public final class Haproxy {
  public static final String NAME = "HAProxy";

  private Haproxy() {}

  /** The name of one of this version in tables. */
  public static String title(Program program) {
    return NAME + " " + program.version();
  }

  /** The installed one. */
  public static Peer start(Site site) throws IOException {
    int port = Ports.free();
    return start(site.folder(), "haproxy-" + port, configuration(site, port), port);
  }

  /** That of this release, whose version its name has. */
  public static Peer start(Program program, Site site) throws IOException {
    int port = Ports.free();
    Path file = configure(site, port);
    Child process =
        Child.start("haproxy-" + port, site.folder(), command(program, site, file))
            .await(() -> Ports.listening(port));
    return new ProcessPeer(title(program), port, process);
  }

  /** Starts that of this release, with a master that reloads its file upon SIGUSR2. */
  public static Child startReloadable(Program program, Path folder, Path file, int port) {
    return Child.start(
            "haproxy-" + port, folder, program.command(folder, "-W", "-db", "-f", file.toString()))
        .await(() -> Ports.listening(port));
  }

  private static List<String> command(Program program, Site site, Path file) {
    return program.command(site.folder(), "-db", "-f", file.toString());
  }

  /**
   * Starts it with this configuration and waits until it listens.
   *
   * @param name of its configuration and log
   */
  static Peer start(Path folder, String name, String configuration, int port) throws IOException {
    Path file = Files.writeString(folder.resolve(name + ".cfg"), configuration);
    Child process = Child.start(name, folder, command(file)).await(() -> Ports.listening(port));
    return new ProcessPeer(NAME, port, process);
  }

  private static List<String> command(Path file) {
    return List.of("haproxy", "-db", "-f", file.toString());
  }

  /** The command by which that of this release serves the site in the foreground. */
  public static List<String> command(Program program, Site site, int port) throws IOException {
    return command(program, site, configure(site, port));
  }

  /** Writes the configuration for this site. */
  public static Path configure(Site site, int port) throws IOException {
    return Files.writeString(
        site.folder().resolve("haproxy-" + port + ".cfg"), configuration(site, port));
  }

  /** The configuration for this site. */
  public static String configuration(Site site, int port) throws IOException {
    Certificate certificate = site.certificate();
    String tls = certificate == null ? "" : " ssl crt " + certificate.both() + " alpn h2,http/1.1";
    return """
    global
      nbthread %d
    defaults
      mode http
      timeout connect 1s
      timeout check 1s
      timeout client 60s
      timeout server 60s
      timeout tunnel 1h
      http-reuse always
      option forwardfor
      option redispatch
      retries 3
      retry-on all-retryable-errors
    frontend in
      bind 127.0.0.1:%d%s
      http-request disable-l7-retry if METH_POST
    %s  default_backend %s
    %s\
    """
        .formatted(
            Runtime.getRuntime().availableProcessors(),
            port,
            tls,
            routes(site, port),
            site.poolOf(0),
            site.pools().stream().map(Haproxy::backend).collect(Collectors.joining()));
  }

  private static String backend(Site.Pool pool) {
    StringBuilder servers = new StringBuilder();
    for (int i = 0; i < pool.servers().size(); i++) {
      servers.append("  server s%d %s".formatted(i, pool.servers().get(i)));
      servers.append(i == 0 ? "\n" : " backup\n");
    }
    return """
    backend %s
      option httpchk GET /status
      http-check expect string version
      default-server check inter 2s fastinter 250ms downinter 1s fall 3 rise 2 observe layer4 \
    error-limit 3 on-error mark-down on-marked-down shutdown-sessions
    %s\
    """
        .formatted(pool.name(), servers);
  }

  /** Hosts are looked up in a map, HAProxy's form for many of them. */
  private static String routes(Site site, int port) throws IOException {
    if (site.routes() == 1) {
      return "";
    }
    StringBuilder hosts = new StringBuilder();
    for (int i = 0; i < site.routes() - 1; i++) {
      hosts.append(Site.host(i)).append(' ').append(site.poolOf(i)).append('\n');
    }
    Path map = site.folder().resolve("haproxy-" + port + "-hosts.map");
    Files.writeString(map, hosts);
    return "  use_backend %[req.hdr(host),lower,map(" + map + "," + site.poolOf(0) + ")]\n";
  }
}
