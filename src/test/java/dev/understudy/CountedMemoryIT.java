package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.CountedKind.Sort;
import dev.understudy.proxy.frontend.ClientMemory;
import dev.understudy.proxy.frontend.ClientMemoryBudget;
import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.proxy.listener.DynamicListeners;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.PeersOfProxy;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What clients cost beside what {@link ClientMemoryBudget} counts for it: heap after a collection,
 * and direct memory of Netty, of each kind of connection, of request and of piece, 200 at a time,
 * the median of three times. What TLS takes of native memory is told with RSS alone. An integration
 * test, as those have small heaps, which are collected soon.
 */
@Tag(Extent.FULL)
class CountedMemoryIT {
  private static final int UNITS = 200;
  private static final int TIMES = 3;

  /** Below this a unit may cost what it likes, in bytes. */
  private static final int LITTLE = 1024;

  /** How much readings differ, in bytes, when all rests. */
  private static final long NOISE = 48 * 1024;

  private static final String FILE =
      """
      pools:
        p: { servers: { a: { url: "http://PEER" } }, health: { interval: 1h } }
        dead: { servers: { a: { url: "http://127.0.0.1:1" } }, health: { type: tcp }, hold: { time: 1h, requests: 100000 } }
        t: { servers: { a: { url: "tcp://PEER" } }, health: { interval: 1h } }
      listeners:
        clear: { port: 0, http2: true }
        proxied: { port: 0, proxy-protocol: true }
        relay: { port: 0, pool: t }
        relay-proxied: { port: 0, pool: t, proxy-protocol: true }
        relay-names: { port: 0, pool: t, server-names: { a.test: t }, inspect-delay: 10m }
      routes:
      """
          + route("held", "dead", "")
          + route("auth", "p", "{ name: ForwardAuth, args: { url: 'pool://p/wait', timeout: 1m } }")
          + route("admitted", "p", "'ForwardAuth=pool://p/ok'")
          + route("limited", "p", "'RateLimit=100000/10s, client-address'")
          + route(
              "conditions",
              "p",
              "'SetRequestHeader=X-A,b when path(/*/conditions/**)',"
                  + " 'SetResponseHeader=X-B,c when header(X-Nobody)'")
          + TestProxy.routes("all", "p", "'Path=/LANE/**'", "[ ]");

  private static PeersOfProxy peers;
  private static TestProxy proxy;
  private static ResourceLeakDetector.Level leaks;

  private static String route(String name, String pool, String filters) {
    return TestProxy.routes(name, pool, "'Path=/LANE/" + name + "/**'", "[ " + filters + " ]");
  }

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    // A buffer that is watched keeps the stack of whoever made it.
    leaks = ResourceLeakDetector.getLevel();
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    peers = new PeersOfProxy();
    proxy =
        new TestProxy(
            folder,
            FILE.replace("PEER", "127.0.0.1:" + peers.port()),
            TestProxy.tls(
                folder,
                "understudy.client.memory=2GB",
                "understudy.client.header-timeout=1h",
                "understudy.client.keep-alive=1h",
                "understudy.client.idle=1h",
                "understudy.client.max-header-size=64KB",
                "understudy.client.max-headers=4000"));
    proxy.requireLanesAsNamed();
  }

  @AfterAll
  static void stop() throws Exception {
    proxy.close();
    peers.close();
    ResourceLeakDetector.setLevel(leaks);
  }

  @AfterEach
  void leave() {
    peers.leave();
    proxy.rest();
    Await.until("nothing is held", () -> budget().held() == 0);
  }

  private static ClientMemoryBudget budget() {
    return proxy.bean(Frontend.class).connections().memory();
  }

  /** Bytes. */
  private record Reading(long heap, long direct, long counted, long rss) {
    static Reading now() throws IOException {
      System.gc();
      return new Reading(
          heapAfterCollection(),
          PooledByteBufAllocator.DEFAULT.pinnedDirectMemory(),
          budget().held(),
          residentSet());
    }

    long real() {
      return heap + direct;
    }

    boolean isNear(Reading other) {
      return isNear(real(), other.real()) && isNear(counted, other.counted);
    }

    private static boolean isNear(long one, long other) {
      return Math.abs(one - other) < Math.max(NOISE, one / 100);
    }

    Reading since(Reading before) {
      return new Reading(
          heap - before.heap, direct - before.direct, counted - before.counted, rss - before.rss);
    }

    static Reading mean(List<Reading> all) {
      return new Reading(
          mean(all, Reading::heap),
          mean(all, Reading::direct),
          mean(all, Reading::counted),
          mean(all, Reading::rss));
    }

    private static long mean(List<Reading> all, ToLongFunction<Reading> of) {
      return all.stream().mapToLong(of).sum() / all.size();
    }
  }

  /** Not the heap's size now, as threads fetch memory to allocate from right after a collection. */
  private static long heapAfterCollection() {
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP)
        .mapToLong(pool -> pool.getCollectionUsage().getUsed())
        .sum();
  }

  private static long residentSet() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
        .findFirst()
        .orElseThrow();
  }

  /** Returns the third reading in a row that hardly differs from the one before. */
  private static Reading atRest() throws IOException {
    Reading[] last = {Reading.now()};
    int[] same = {0};
    Await.until(
        "the memory rests",
        () -> {
          Reading now = Reading.now();
          same[0] = now.isNear(last[0]) ? same[0] + 1 : 0;
          last[0] = now;
          return same[0] == 2;
        });
    return last[0];
  }

  private static void open(CountedKind kind) {
    int port =
        kind.listener().isEmpty()
            ? proxy.port()
            : proxy.bean(DynamicListeners.class).port(kind.listener()).orElseThrow();
    int before = proxy.connections();
    int requests = peers.requests();
    long held = budget().held();
    int count = UNITS / kind.streams();
    peers.open(port, kind.begin(), count, kind.pieces());
    Await.until("all are connected", () -> proxy.connections() == before + count);
    if (kind.sort() != Sort.CONNECTION && kind.sort() != Sort.HELD) {
      Await.until("all have arrived", () -> peers.requests() >= requests + UNITS);
    }
    if (kind.sort() != Sort.CONNECTION) {
      // They may have come and not been read, as before a pool that holds them: memory rests then.
      Await.until("they are counted", () -> budget().held() - held >= UNITS * LITTLE);
    }
  }

  /** Of what the sockets' own buffers take now more and now less, the mean. */
  private static Reading cost(CountedKind kind) throws IOException {
    // What the first ones cost besides, such as classes, is nobody's.
    open(kind);
    List<Reading> costs = new ArrayList<>();
    Reading before = atRest();
    for (int i = 0; i < TIMES; i++) {
      open(kind);
      Reading now = atRest();
      costs.add(now.since(before));
      before = now;
    }
    if (kind.sort() == Sort.UNREAD) {
      return Reading.mean(costs);
    }
    costs.sort(Comparator.comparingLong(Reading::real));
    return costs.get(TIMES / 2);
  }

  static List<CountedKind> kinds() {
    return Extent.chosen(CountedKind.all(), CountedKind::isOfGate);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void a_third_of_the_cost_is_counted_and_not_more_than_three_times_as_much(CountedKind kind)
      throws IOException {
    Reading cost = cost(kind);
    long real = cost.real() / UNITS;
    // Connections without requests are bounded by their number instead.
    long bounded = kind.sort() == Sort.CONNECTION ? ClientMemory.CONNECTION : 0;
    long counted = cost.counted() / UNITS + bounded;
    String told =
        "%s: heap %d, direct memory %d, RSS %d; counted %d bytes each"
            .formatted(
                kind, cost.heap() / UNITS, cost.direct() / UNITS, cost.rss() / UNITS, counted);
    System.out.println(told);
    if (real > LITTLE) {
      assertThat(counted).as(told).isBetween(real / 3, 3 * real);
    }
  }
}
