package dev.understudy.bench.growth;

import dev.understudy.bench.peer.Jvm;
import dev.understudy.bench.peer.Site;
import dev.understudy.bench.peer.UnderstudyJar;
import dev.understudy.bench.soak.VitalsReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** Understudy from its jar, with the image's options. */
final class GrowingUnderstudy extends Subject {
  static final String TOKEN = "bench";

  /** Of the route that takes what no other does, the last one. */
  private static final String LAST = "predicates: [\"Path=/**\"]";

  private final UnderstudyJar proxy;
  private final Path file;
  private final String text;

  GrowingUnderstudy(Site site, Jvm jvm, String... more) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                // Idle clients are to stay while they are counted.
                "--understudy.client.keep-alive=10m",
                "--understudy.client.max-connections=20000",
                "--understudy.admin.token=" + TOKEN));
    arguments.addAll(List.of(more));
    proxy = UnderstudyJar.start(UnderstudyJar.EXPRESS, site, jvm, arguments.toArray(String[]::new));
    file = site.folder().resolve("understudy-" + proxy.port() + ".yaml");
    text = Files.readString(file);
  }

  @Override
  String name() {
    return proxy.name();
  }

  @Override
  int port() {
    return proxy.port();
  }

  @Override
  int managementPort() {
    return proxy.managementPort();
  }

  @Override
  long cpuNanos() {
    return proxy.cpuNanos();
  }

  @Override
  long rssBytes() {
    return proxy.rssBytes();
  }

  @Override
  double heapMegabytes() throws IOException, InterruptedException {
    return new VitalsReader(proxy).heapBytes() / 1e6;
  }

  @Override
  String metrics() {
    return "/actuator/prometheus";
  }

  @Override
  String page() {
    return "/api/overview";
  }

  @Override
  void prepare(int next) throws IOException {
    String changed =
        text.replace(
            LAST, LAST + ", filters: [\"SetResponseHeader=" + VERSION + ", " + next + "\"]");
    Files.writeString(next(), changed);
  }

  private Path next() {
    return file.resolveSibling("next.yaml");
  }

  @Override
  void configure() throws IOException {
    Files.move(next(), file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  @Override
  public void close() {
    proxy.close();
  }
}
