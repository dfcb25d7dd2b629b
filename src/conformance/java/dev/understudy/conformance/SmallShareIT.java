package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.scenario.CpuGroup;
import dev.understudy.scenario.ProxyProcess;
import dev.understudy.testing.Await;
import dev.understudy.testing.TestServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Half of the masters end while the jar has a twentieth of a CPU, as a replica on a full node. It
 * fails where there can be no control group, and says so. {@code src/bench/run starved} has more,
 * HAProxy beside it.
 */
@Tag("timed")
class SmallShareIT {
  private static final int PERCENT = 5;
  private static final int POOLS = 50;
  private static final int CHECKS = 3;
  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** What is opened for a moment: files, connections to the management port. */
  private static final int OTHER_DESCRIPTORS = 50;

  @TempDir private Path folder;
  private final List<Pool> pools = IntStream.range(0, POOLS).mapToObj(Pool::new).toList();
  private final HttpClient client = HttpClient.newHttpClient();

  @AfterEach
  void stop() {
    client.shutdownNow();
    servers().forEach(TestServer::close);
  }

  private Stream<TestServer> servers() {
    return pools.stream().flatMap(pool -> Stream.of(pool.master, pool.backup));
  }

  private Path config() throws IOException {
    StringBuilder file = new StringBuilder("pools:\n");
    pools.forEach(pool -> file.append(pool.settings()));
    file.append("routes:\n");
    pools.forEach(pool -> file.append(pool.route()));
    return Files.writeString(folder.resolve("gateway.yaml"), file);
  }

  private void awaitChecks(String what) {
    List<Integer> before = servers().map(server -> server.calls().size()).toList();
    Await.until(
        what,
        () -> {
          List<Integer> now = servers().map(server -> server.calls().size()).toList();
          return IntStream.range(0, now.size()).allMatch(i -> now.get(i) - before.get(i) >= CHECKS);
        });
  }

  private static long descriptors(ProxyProcess proxy) {
    try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(proxy.pid()), "fd"))) {
      return open.count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void backups_serve_all_pools_whose_master_ended_and_no_check_is_left_open_behind_another()
      throws Exception {
    AtomicLong most = new AtomicLong();
    try (CpuGroup group = CpuGroup.make();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        ProxyProcess proxy = ProxyProcess.start(folder, config());
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor()) {
      long idle = descriptors(proxy);
      for (Pool pool : pools) {
        clock.scheduleAtFixedRate(
            () -> threads.execute(() -> pool.ask(proxy.port())),
            INTERVAL.toMillis() * pool.number / POOLS,
            INTERVAL.toMillis(),
            TimeUnit.MILLISECONDS);
      }
      awaitChecks("it is warm");
      group.limit(PERCENT);
      group.take(proxy.pid());
      clock.scheduleAtFixedRate(
          () -> most.accumulateAndGet(descriptors(proxy), Math::max),
          0,
          INTERVAL.toMillis() / 10,
          TimeUnit.MILLISECONDS);
      awaitChecks("it is checked under the quota");
      List<Pool> struck = pools.subList(0, POOLS / 2);
      struck.forEach(pool -> pool.master.kill());
      Await.until(
          "the backups of all pools serve",
          () -> struck.stream().allMatch(pool -> pool.seen.equals(Pool.BACKUP)));
      System.out.printf(
          "%d %% of a CPU, %d servers: %d descriptors, at most %d%n",
          PERCENT, 2 * POOLS, idle, most.get());
      assertThat(most.get())
          .as("one check for each server, and each client and its request have a connection")
          .isLessThan(idle + 2 * 2 * POOLS + OTHER_DESCRIPTORS);
    }
  }

  /** A pool with its client, which asks for no page while the last one is awaited. */
  private final class Pool {
    private static final String BACKUP = "backup";
    private static final int OK = 200;

    private final int number;
    private final TestServer master = new TestServer("master");
    private final TestServer backup = new TestServer(BACKUP);
    private final AtomicBoolean asking = new AtomicBoolean();

    /** The body of the last response; empty if it was none with 200. */
    private volatile String seen = "";

    Pool(int number) {
      this.number = number;
    }

    String settings() {
      return "  p%d: { servers: { a: { url: \"%s\" }, b: { url: \"%s\", role: backup } } }\n"
          .formatted(number, url(master.port()), url(backup.port()));
    }

    String route() {
      return "  - { id: r%1$d, uri: \"pool://p%1$d\", predicates: [\"Path=/p%1$d/**\"] }\n"
          .formatted(number);
    }

    private static String url(int port) {
      return "http://127.0.0.1:" + port;
    }

    void ask(int port) {
      if (!asking.compareAndSet(false, true)) {
        return;
      }
      URI page = URI.create(url(port) + "/p" + number + "/");
      try {
        HttpResponse<String> response =
            client.send(
                HttpRequest.newBuilder(page).timeout(PATIENCE).build(),
                HttpResponse.BodyHandlers.ofString());
        seen = response.statusCode() == OK ? response.body() : "";
      } catch (IOException | InterruptedException e) {
        seen = "";
      } finally {
        asking.set(false);
      }
    }
  }
}
