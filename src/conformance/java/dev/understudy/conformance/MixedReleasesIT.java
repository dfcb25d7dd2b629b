package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.conformance.HitLog.Hit;
import dev.understudy.scenario.EtcdServer;
import dev.understudy.scenario.KubernetesApi;
import dev.understudy.scenario.Load;
import dev.understudy.scenario.ProxyProcess;
import dev.understudy.testing.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * A replica of {@link EarlierRelease} and one of this version that agree, as a rolling upgrade has
 * them beside each other, and then the way back; clients come to both. Whoever decides, both
 * follow: at failover, failback, an operator's switch, a planned one, drain and maintenance, asked
 * for at either. No request is lost, and each epoch has one server.
 */
@Tag("timed")
class MixedReleasesIT {
  private static final String POOL = "sense";
  private static final String MASTER = "master";
  private static final String BACKUP = "backup";
  private static final String NAMESPACE = "mixed";
  private static final Duration PERIOD = Duration.ofMillis(15);
  private static final int SOME = 20;

  @TempDir private Path folder;
  private final HitLog log = new HitLog();
  private final AtomicInteger ids = new AtomicInteger(1);
  private final Map<String, Operated> replicas = new TreeMap<>();
  private final Map<String, Load> loads = new TreeMap<>();
  private final List<Load.Sample> samples = new ArrayList<>();
  private WitnessServer master;
  private WitnessServer backup;
  private Path config;
  private EarlierRelease release;

  @BeforeEach
  void prepare() throws Exception {
    master = WitnessServer.start(MASTER, log);
    backup = WitnessServer.start(BACKUP, log);
    release = EarlierRelease.unpack(folder);
    config =
        Files.writeString(
            folder.resolve("gateway.yaml"),
            """
            pools:
              sense:
                servers:
                  master: { url: "%s", role: master }
                  backup: { url: "%s", role: backup }
                health: { path: /status, interval: 250ms, timeout: 10s }
                failback: { policy: immediate }
            routes:
              - { id: all, uri: "pool://sense", predicates: ["Path=/**"] }
            """
                .formatted(master.url(), backup.url()));
  }

  @AfterEach
  void close() throws Exception {
    for (Load each : loads.values()) {
      each.close();
    }
    for (Operated each : replicas.values()) {
      each.close();
    }
    master.close();
    backup.close();
  }

  @Test
  void in_etcd() throws Exception {
    try (EtcdServer etcd = EtcdServer.start(folder)) {
      roll(
          List.of(
              "--understudy.agreement.mode=etcd",
              "--understudy.agreement.etcd.urls=" + etcd.url()));
    }
  }

  @Test
  void in_leases() throws Exception {
    try (KubernetesApi api = KubernetesApi.start(folder.resolve("api"))) {
      api.createNamespace(NAMESPACE);
      api.grant(NAMESPACE);
      roll(
          List.of(
              "--understudy.agreement.mode=kubernetes",
              "--understudy.agreement.kubernetes.url=" + api.url(),
              "--understudy.agreement.kubernetes.namespace=" + NAMESPACE,
              "--understudy.agreement.kubernetes.token-file=" + api.tokenFile(KubernetesApi.PROXY),
              "--understudy.agreement.kubernetes.ca-file=" + api.caFile()));
    }
  }

  /** Each release has each of the two names beside the other: one of the names decides first. */
  private void roll(List<String> store) throws Exception {
    earlier("r1", store);
    earlier("r2", store);
    awaitAll(MASTER);
    now("r2", store);
    failOver("r1");
    awaitAll(MASTER);
    act();
    now("r1", store);
    awaitAll(MASTER);
    earlier("r2", store);
    // The second failback within ten minutes would be damped: an operator is quicker.
    failOver("r2");
    act();
    for (String replica : List.copyOf(loads.keySet())) {
      leave(replica);
    }
    judge();
    maintain();
  }

  private void earlier(String name, List<String> store) throws Exception {
    end(name);
    join(name, new Operated(release.start(folder(name), config, settings(name, store)), true));
  }

  private void now(String name, List<String> store) throws Exception {
    end(name);
    join(
        name, new Operated(ProxyProcess.start(folder(name), config, settings(name, store)), false));
  }

  private Path folder(String name) throws Exception {
    return Files.createDirectories(folder.resolve(name));
  }

  private static String[] settings(String name, List<String> store) {
    List<String> all = new ArrayList<>(store);
    all.add("--understudy.agreement.replica=" + name);
    all.add("--understudy.admin.token=" + Operated.TOKEN);
    all.add("--understudy.drain.delay=0s");
    return all.toArray(String[]::new);
  }

  /** Clients come to a replica that is ready. */
  private void join(String name, Operated replica) {
    replicas.put(name, replica);
    loads.put(name, Load.start(replica.process().port(), PERIOD, ids, "X-Replica: " + name));
  }

  private void leave(String name) throws Exception {
    Load load = loads.remove(name);
    samples.addAll(load.finish());
    load.close();
  }

  /** Ends one in order, once its clients have left. */
  private void end(String name) throws Exception {
    Operated running = replicas.get(name);
    if (running != null) {
      leave(name);
      running.process().terminate();
      assertThat(running.process().awaitEnd()).isTrue();
      replicas.remove(name);
    }
  }

  /** The master fails without POSTs through that replica: 0.9.0 loses one that is just there. */
  private void failOver(String earlier) {
    loads
        .get(earlier)
        .betweenPosts(
            () -> {
              master.sick(true);
              awaitAll(BACKUP);
              master.sick(false);
            });
  }

  /** Each act is asked for at each replica in turn; the master serves in the end. */
  private void act() throws Exception {
    for (Operated each : replicas.values()) {
      each.switchTo(POOL, BACKUP);
      awaitAll(BACKUP);
      awaitAll("/pinned", BACKUP);
      plan(each, MASTER);
      each.state(POOL, MASTER, "drain");
      awaitAll(BACKUP);
      awaitAll("/servers/0/state", "drain");
      each.state(POOL, MASTER, "ready");
      awaitAll("/servers/0/state", "ready");
      each.switchTo(POOL, MASTER);
      awaitAll(MASTER);
      each.switchTo(POOL, "auto");
      awaitAll("/pinned", "");
    }
  }

  /** No request comes to the new server before the last one to the old has its response. */
  private void plan(Operated asked, String to) throws Exception {
    long before = asked.pool(POOL).at("/epoch").asLong();
    asked.plan(POOL, to, Map.of());
    awaitAll(to);
    awaitAll("/planned/phase", "MOVED");
    List<Hit> hits = log.since(0);
    long last = hits.stream().filter(at(before)).mapToLong(Hit::nanos).max().orElseThrow();
    long first = hits.stream().filter(at(before + 1)).mapToLong(Hit::nanos).min().orElseThrow();
    assertThat(last).isLessThan(first);
  }

  private static Predicate<Hit> at(long epoch) {
    return hit -> hit.epoch() == epoch;
  }

  private void maintain() throws Exception {
    for (Operated each : replicas.values()) {
      each.close(POOL);
      awaitAll("/state", "maintenance");
      each.open(POOL);
      awaitAll("/state", "ready");
    }
  }

  /** What servers and clients say of it. */
  private void judge() {
    Map<Long, String> owners = new HashMap<>();
    List<String> executed = new ArrayList<>();
    for (Hit hit : log.since(0)) {
      if (hit.epoch() != HitLog.NO_EPOCH) {
        assertThat(owners.computeIfAbsent(hit.epoch(), epoch -> hit.server()))
            .as("the server of epoch %d", hit.epoch())
            .isEqualTo(hit.server());
      }
      if (!hit.order().isEmpty()) {
        executed.add(hit.order());
      }
    }
    assertThat(samples).filteredOn(each -> !each.ok()).isEmpty();
    assertThat(executed)
        .containsExactlyInAnyOrderElementsOf(
            samples.stream().filter(Load.Sample::post).map(Load.Sample::order).toList());
  }

  private void awaitAll(String pointer, String value) {
    Await.until(
        "all say that " + pointer + " is " + value,
        () ->
            replicas.values().stream()
                .allMatch(each -> each.pool(POOL).at(pointer).asString("").equals(value)));
  }

  /** Until all send to that server, in one epoch. */
  private void awaitAll(String server) {
    Await.until(
        server + " serves at all",
        () -> {
          List<JsonNode> pools = replicas.values().stream().map(each -> each.pool(POOL)).toList();
          return pools.stream()
              .allMatch(
                  pool ->
                      pool.at("/serving").asString("").equals(server)
                          && pool.at("/epoch").equals(pools.getFirst().at("/epoch")));
        });
    loads.values().forEach(load -> load.awaitAnswersOf(server, SOME));
  }
}
