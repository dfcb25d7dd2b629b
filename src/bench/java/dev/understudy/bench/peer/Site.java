package dev.understudy.bench.peer;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The servers and routes of a proxy; each peer derives its own configuration from them.
 *
 * @param folder for configurations and logs
 * @param servers ports on 127.0.0.1: the master's, then those of backups
 * @param routes 1: every request goes to the one pool; more: all but the last name one host each,
 *     {@link #host}
 * @param certificate for TLS to clients; null: plain
 */
public record Site(
    Path folder, List<Integer> servers, int routes, @Nullable Certificate certificate) {
  public Site {
    servers = List.copyOf(servers);
    if (servers.isEmpty() || routes < 1) {
      throw new IllegalArgumentException("needs a server and a route");
    }
  }

  /** One route to one pool of these servers, plain. */
  public static Site of(Path folder, List<Integer> servers) {
    return new Site(folder, servers, 1, null);
  }

  public Site withRoutes(int count) {
    return new Site(folder, servers, count, certificate);
  }

  public Site withTls(Certificate shown) {
    return new Site(folder, servers, routes, shown);
  }

  /** Spring Boot's settings for TLS, if any. */
  List<String> springTls() {
    if (certificate == null) {
      return List.of();
    }
    String bundle = "--spring.ssl.bundle.pem.bench.keystore.";
    return List.of(
        "--server.ssl.bundle=bench",
        bundle + "certificate=file:" + certificate.chain(),
        bundle + "private-key=file:" + certificate.key());
  }

  /** The host name of the nth route. */
  public static String host(int route) {
    return "host-" + route + ".bench.example";
  }
}
