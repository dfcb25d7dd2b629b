package dev.understudy.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The main job on real processes: the built jar at its default settings before a master and a
 * backup that are killed, frozen and restored under 200 requests a second. Prints what it measured;
 * asserts what must never happen.
 */
class MissionIT {
  private static final int TUNNELS = 20;
  private static final int SOME = 100;
  private static final int SLOW = 8;

  @TempDir private Path folder;
  @AutoClose private ServerProcess master;
  @AutoClose private ServerProcess backup;

  /** A load balancer of connections, which accepts whether the master lives or not. */
  @AutoClose private Way balancer;

  @AutoClose private ProxyProcess proxy;

  @BeforeEach
  void start() throws Exception {
    master = ServerProcess.start("sen2", folder);
    backup = ServerProcess.start("sen1", folder);
    balancer = Way.to(master.port());
    proxy = ProxyProcess.start(folder, config());
  }

  private Path config() throws IOException {
    return Files.writeString(
        folder.resolve("gateway.yaml"),
        """
        pools:
          sense:
            servers:
              sen2: { url: "%s", role: master }
              sen1: { url: "%s", role: backup }
            health:
              expect: { body: "version" }
          balanced:
            servers:
              sen2: { url: "%s", role: master }
              sen1: { url: "%s", role: backup }
        default-filters:
          - RequireWebSocketUpgrade=/websocket
        routes:
          - id: sense-failover
            uri: "pool://sense"
            predicates: ["Host=failover.domain.com"]
            filters: ["PreferServer=sen1"]
          - { id: balanced, uri: "pool://balanced", predicates: ["Host=balanced.domain.com"] }
          - { id: sense, uri: "pool://sense", predicates: ["Path=/**"] }
        """
            .formatted(
                master.url(), backup.url(), "http://127.0.0.1:" + balancer.port(), backup.url()));
  }

  @Test
  void master_serves_guard_refuses_and_host_prefers() throws Exception {
    assertThat(HttpConnection.once(proxy.port(), "GET", "/whoami").body()).isEqualTo("sen2");
    assertThat(HttpConnection.once(proxy.port(), "GET", "/websocket").status()).isEqualTo(403);
    assertThat(
            HttpConnection.once(proxy.port(), "GET", "/whoami", "Host: failover.domain.com").body())
        .isEqualTo("sen1");
  }

  @Test
  void killed_master_loses_nothing_that_could_be_saved_and_gets_its_role_back() throws Exception {
    outage("killed", master::kill, master::restore);
    assertThat(proxy.manage("/api/events")).contains("CONNECTION_FAILED", "FAILBACK");
  }

  @Tag(Extent.SLOW)
  @Test
  void killed_master_behind_a_load_balancer_loses_no_get() throws Exception {
    List<Load.Sample> samples;
    try (Load load = Load.start(proxy.port(), "balanced.domain.com")) {
      load.awaitAnswersOf("sen2", SOME);
      master.kill();
      load.awaitAnswersOf("sen1", SOME);
      master.restore();
      load.awaitAnswersOf("sen2", SOME);
      samples = load.finish();
    }
    report("killed, balanced", samples, List.of());
    assertOnlyPostsUnderWayLost(samples);
    assertNothingExecutedTwice(samples);
  }

  @Test
  void frozen_master_loses_no_get_and_nothing_is_executed_twice() throws Exception {
    outage("frozen", master::freeze, master::thaw);
    assertThat(proxy.manage("/api/events")).contains("HEALTH_CHECK_FAILED", "FAILBACK");
  }

  @Test
  void master_that_stops_gracefully_finishes_what_it_has_and_nothing_is_lost() throws Exception {
    List<Load.Sample> samples;
    List<Integer> codes;
    try (Load load = Load.start(proxy.port());
        TunnelClients tunnels = TunnelClients.open(proxy.port(), TUNNELS);
        ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      load.awaitAnswersOf("sen2", SOME);
      List<String> ids = IntStream.range(0, SLOW).mapToObj(i -> "slow" + i).toList();
      List<Future<HttpConnection.Answer>> slow = new ArrayList<>();
      for (String id : ids) {
        String target = "/orders?id=" + id + "&ms=4000";
        slow.add(clients.submit(() -> HttpConnection.once(proxy.port(), "POST", target)));
      }
      Await.until("they run", () -> master.executed().containsAll(ids));
      // A POST on a connection that the kernel has accepted for the master, and the master has not,
      // is reset with the listener: to the proxy as if the master had died with it.
      load.betweenPosts(master::stop);
      load.awaitAnswersOf("sen1", SOME);
      for (Future<HttpConnection.Answer> each : slow) {
        assertThat(each.get().status()).isEqualTo(200);
        assertThat(each.get().body()).isEqualTo("sen2");
      }
      codes = tunnels.awaitClosed();
      master.restore();
      load.awaitAnswersOf("sen2", SOME);
      samples = load.finish();
    }
    report("stopped", samples, codes);
    assertThat(samples).allMatch(Load.Sample::ok);
    assertNothingExecutedTwice(samples);
    assertThat(codes).containsOnly(1012);
  }

  /** What is done to the master. */
  @FunctionalInterface
  private interface Step {
    void take() throws Exception;
  }

  private void outage(String what, Step fail, Step mend) throws Exception {
    List<Load.Sample> samples;
    List<Integer> codes;
    try (Load load = Load.start(proxy.port());
        TunnelClients tunnels = TunnelClients.open(proxy.port(), TUNNELS)) {
      load.awaitAnswersOf("sen2", SOME);
      fail.take();
      load.awaitAnswersOf("sen1", SOME);
      codes = tunnels.awaitClosed();
      mend.take();
      load.awaitAnswersOf("sen2", SOME);
      samples = load.finish();
    }
    report(what, samples, codes);
    assertOnlyPostsUnderWayLost(samples);
    assertNothingExecutedTwice(samples);
    assertThat(codes).containsOnly(1012);
  }

  @Tag(Extent.SLOW)
  @Test
  void nobody_left_is_503_with_retry_after() throws Exception {
    master.kill();
    backup.kill();
    HttpConnection.Answer answer = HttpConnection.once(proxy.port(), "GET", "/whoami");
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.headers()).containsKey("retry-after");
    master.restore();
    Await.until(
        "the master serves again",
        () -> HttpConnection.once(proxy.port(), "GET", "/whoami").body().equals("sen2"));
  }

  /** A POST that was sent and not answered cannot be saved: it may have been executed. */
  private static void assertOnlyPostsUnderWayLost(List<Load.Sample> samples) {
    assertThat(samples.stream().filter(s -> !s.ok()))
        .allSatisfy(
            lost -> {
              assertThat(lost.post()).isTrue();
              assertThat(lost.status()).isEqualTo(502);
            });
  }

  private void assertNothingExecutedTwice(List<Load.Sample> samples) throws IOException {
    List<String> executed = new ArrayList<>(master.executed());
    executed.addAll(backup.executed());
    assertThat(executed).doesNotHaveDuplicates();
    assertThat(new HashSet<>(executed))
        .containsAll(
            samples.stream()
                .filter(Load.Sample::post)
                .filter(Load.Sample::ok)
                .map(Load.Sample::order)
                .toList());
  }

  private static void report(String what, List<Load.Sample> samples, List<Integer> codes) {
    long lost = samples.stream().filter(s -> !s.ok()).count();
    System.out.printf(
        "%s master: %d requests, %d lost (POSTs under way), longest gap %.0f ms, worst latency %.0f"
            + " ms, close codes %s%n",
        what,
        samples.size(),
        lost,
        Load.longestGapMillis(samples),
        Load.worstMillis(samples),
        codes.stream().distinct().toList());
  }
}
