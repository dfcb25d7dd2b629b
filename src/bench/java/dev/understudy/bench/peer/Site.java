package dev.understudy.bench.peer;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The servers and routes of a proxy; each peer derives its own configuration from them.
 *
 * @param folder for configurations and logs
 * @param servers ports of each pool's servers: the master's, then those of backups
 * @param poolCount 1: on 127.0.0.1; more: each server has a loopback address of its own
 * @param routes 1: every request goes to the first pool; more: all but the last name one host each,
 *     {@link #host}, and lead to the pools in turn
 * @param certificate for TLS to clients; null: plain
 */
public record Site(
    Path folder,
    List<Integer> servers,
    int poolCount,
    int routes,
    @Nullable Certificate certificate) {
  private static final int POOLS_OF_NETWORK = 256;

  /** The most pools whose number fits into an address. */
  private static final int MAX_POOLS = 200 * POOLS_OF_NETWORK;

  /**
   * A pool.
   *
   * @param servers host and port of each: the master's, then those of backups
   */
  record Pool(String name, List<String> servers) {}

  public Site {
    servers = List.copyOf(servers);
    if (servers.isEmpty() || poolCount < 1 || poolCount > MAX_POOLS || routes < 1) {
      throw new IllegalArgumentException(
          "needs a server, a route and at most " + MAX_POOLS + " pools");
    }
  }

  /** One route to one pool of these servers, plain. */
  public static Site of(Path folder, List<Integer> servers) {
    return new Site(folder, servers, 1, 1, null);
  }

  public Site withRoutes(int count) {
    return new Site(folder, servers, poolCount, count, certificate);
  }

  /** So many pools of the same ports at addresses of their own, with a route to each. */
  public Site withPools(int count) {
    return new Site(folder, servers, count, count + 1, certificate);
  }

  public Site withTls(Certificate shown) {
    return new Site(folder, servers, poolCount, routes, shown);
  }

  /** The addresses of the servers of all pools. */
  public List<String> addresses() {
    return IntStream.range(0, poolCount)
        .boxed()
        .flatMap(
            pool -> IntStream.range(0, servers.size()).mapToObj(server -> address(pool, server)))
        .toList();
  }

  /** The names of the pools. */
  public List<String> poolNames() {
    return pools().stream().map(Pool::name).toList();
  }

  List<Pool> pools() {
    return IntStream.range(0, poolCount)
        .mapToObj(
            pool ->
                new Pool(
                    poolName(pool),
                    IntStream.range(0, servers.size())
                        .mapToObj(server -> host(pool, server) + ":" + servers.get(server))
                        .toList()))
        .toList();
  }

  /** The pool of the nth route. */
  String poolOf(int route) {
    return poolName(route % poolCount);
  }

  private String poolName(int pool) {
    return poolCount == 1 ? "app" : "app-" + pool;
  }

  private String host(int pool, int server) {
    return poolCount == 1 ? "127.0.0.1" : address(pool, server);
  }

  /** The loopback address of a server of one of several pools. */
  public static String address(int pool, int server) {
    return "127.%d.%d.%d"
        .formatted(1 + pool / POOLS_OF_NETWORK, pool % POOLS_OF_NETWORK, server + 1);
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
