package dev.understudy.bench.soak;

import dev.understudy.bench.peer.Certificate;
import dev.understudy.bench.peer.Jvm;
import dev.understudy.bench.peer.Site;
import dev.understudy.bench.peer.UnderstudyJar;
import dev.understudy.scenario.HttpConnection;
import dev.understudy.scenario.Ports;
import dev.understudy.scenario.ServerProcess;
import dev.understudy.testing.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Understudy, with a plain and a TLS listener, before a master and a backup. */
final class Stage implements AutoCloseable {
  private static final Pattern SERVING = Pattern.compile("\"serving\"\\s*:\\s*\"s(\\d)\"");
  private static final Pattern UP = Pattern.compile("\"status\"\\s*:\\s*\"UP\"");
  private static final String APPLIED = "understudy_config_last_reload_successful 1";
  private static final String REFUSED = "understudy_config_last_reload_successful 0";

  private final List<ServerProcess> servers;
  private final UnderstudyJar proxy;
  private final int plainPort;
  private final Path file;
  private final String text;
  private int reloads;

  private Stage(
      List<ServerProcess> servers, UnderstudyJar proxy, int plainPort, Path file, String text) {
    this.servers = servers;
    this.proxy = proxy;
    this.plainPort = plainPort;
    this.file = file;
    this.text = text;
  }

  static Stage start(Path folder) throws IOException {
    List<ServerProcess> servers =
        List.of(ServerProcess.start("master", folder), ServerProcess.start("backup", folder));
    Site site =
        Site.of(folder, servers.stream().map(ServerProcess::port).toList())
            .withTls(Certificate.make(folder));
    int plainPort = Ports.free();
    UnderstudyJar proxy =
        UnderstudyJar.start(
            UnderstudyJar.EXPRESS,
            site,
            Jvm.container().and(VitalsReader.OPTIONS),
            "--understudy.http.port=" + plainPort);
    Path file = folder.resolve("understudy-" + proxy.port() + ".yaml");
    return new Stage(servers, proxy, plainPort, file, Files.readString(file));
  }

  int plainPort() {
    return plainPort;
  }

  UnderstudyJar proxy() {
    return proxy;
  }

  /** The serving server; waits while nobody serves. */
  ServerProcess serving() {
    String[] index = new String[1];
    Await.until(
        "somebody serves",
        () -> {
          Matcher serving = SERVING.matcher(manage("/api/pools/app"));
          index[0] = serving.find() ? serving.group(1) : null;
          return index[0] != null;
        });
    return servers.get(Integer.parseInt(index[0]));
  }

  boolean allUp() throws IOException {
    return UP.matcher(manage("/api/pools/app")).results().count() == servers.size();
  }

  /** A new file with one more route. */
  void reload() throws IOException {
    long before = applied();
    reloads++;
    String route = "  - { id: more-%d, uri: \"pool://app\", predicates: [\"Path=/more\"] }%n";
    write(text + String.format(route, reloads));
    Await.until("the new file is applied", () -> applied() > before);
  }

  /** A file that is none; then the last good one again. */
  void offerBadFile() throws IOException {
    write(text + "nonsense: [\n");
    Await.until("the bad file is refused", () -> metrics().contains(REFUSED));
    write(text);
    Await.until("the good file is applied", () -> metrics().contains(APPLIED));
  }

  private long applied() throws IOException {
    String[] parts = manage("/api/events?limit=1000").split("configuration-applied", -1);
    return parts.length - 1L;
  }

  private void write(String content) throws IOException {
    Path next = Files.writeString(file.resolveSibling("next.yaml"), content);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private String metrics() throws IOException {
    return manage("/actuator/prometheus");
  }

  private String manage(String path) throws IOException {
    return HttpConnection.once(proxy.managementPort(), "GET", path, "Connection: close").body();
  }

  /** The orders that all servers executed. */
  List<String> executed() throws IOException {
    return Stream.concat(
            servers.getFirst().executed().stream(), servers.getLast().executed().stream())
        .toList();
  }

  @Override
  public void close() throws IOException, InterruptedException {
    proxy.close();
    for (ServerProcess server : servers) {
      server.close();
    }
  }
}
