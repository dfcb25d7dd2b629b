package dev.understudy.conformance;

import dev.understudy.scenario.EtcdServer;
import dev.understudy.scenario.KubernetesApi;
import dev.understudy.scenario.ProxyProcess;
import dev.understudy.testing.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Replicas of {@link EarlierRelease} and of this version that agree, as a rolling upgrade has them
 * beside each other, and then on the way back. Whoever decides, all follow: at failover, failback,
 * an operator's switch, a planned one, drain and maintenance, asked for at replicas of either.
 */
@Tag("timed")
class MixedReleasesIT {
  private static final String POOL = "sense";
  private static final String NAMESPACE = "mixed";

  @TempDir private Path folder;
  private final Map<String, Operated> replicas = new TreeMap<>();
  private TwoServers servers;
  private Path config;
  private EarlierRelease release;

  @BeforeEach
  void prepare() throws Exception {
    servers = new TwoServers();
    release = EarlierRelease.unpack(folder);
    config =
        Files.writeString(
            folder.resolve("gateway.yaml"),
            "pools:\n"
                + servers.pool(POOL, ", failback: { policy: immediate }")
                + "routes:\n  - { id: all, uri: \"pool://sense\", predicates: [\"Path=/**\"] }\n");
  }

  @AfterEach
  void close() throws Exception {
    for (Operated each : replicas.values()) {
      each.close();
    }
    servers.close();
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

  private void roll(List<String> store) throws Exception {
    earlier("r1", store);
    earlier("r2", store);
    awaitAll("master");
    now("r3", store);
    actEverywhere();
    now("r2", store);
    actEverywhere();
    now("r1", store);
    awaitAll("master");
    earlier("r3", store);
    actEverywhere();
  }

  private void earlier(String name, List<String> store) throws Exception {
    end(name);
    replicas.put(
        name, new Operated(release.start(folder(name), config, settings(name, store)), true));
  }

  private void now(String name, List<String> store) throws Exception {
    end(name);
    replicas.put(
        name, new Operated(ProxyProcess.start(folder(name), config, settings(name, store)), false));
  }

  private Path folder(String name) throws Exception {
    return Files.createDirectories(folder.resolve(name));
  }

  private static String[] settings(String name, List<String> store) {
    String[] all = store.toArray(new String[store.size() + 4]);
    all[store.size()] = "--understudy.agreement.replica=" + name;
    all[store.size() + 1] = "--understudy.admin.token=" + Operated.TOKEN;
    all[store.size() + 2] = "--understudy.drain.delay=0s";
    all[store.size() + 3] = "--understudy.agreement.renew=5s";
    return all;
  }

  /** Ends one in order, so that it leaves the others at once. */
  private void end(String name) throws Exception {
    Operated running = replicas.remove(name);
    if (running != null) {
      running.process().terminate();
      running.process().awaitEnd();
      running.close();
    }
  }

  /** Each act is asked for at each replica in turn. */
  private void actEverywhere() throws Exception {
    awaitAll("master");
    servers.sick.add(POOL + "/master");
    awaitAll("backup");
    servers.sick.clear();
    awaitAll("master");
    for (Operated each : replicas.values()) {
      each.switchTo(POOL, "backup");
      awaitAll("backup");
      awaitAll("pinned", "backup", "/pinned");
      each.switchTo(POOL, "auto");
      awaitAll("master");
      each.state(POOL, "master", "drain");
      awaitAll("backup");
      awaitAll("drained", "drain", "/servers/0/state");
      each.state(POOL, "master", "ready");
      awaitAll("master");
      each.plan(POOL, "backup", Map.of());
      until(
          "all know that it is done",
          () -> replicas.values().stream().allMatch(any -> any.phase(POOL).equals("MOVED")));
      awaitAll("backup");
      each.switchTo(POOL, "auto");
      awaitAll("master");
      each.close(POOL);
      awaitAll("in maintenance", "maintenance", "/state");
      each.open(POOL);
      awaitAll("ready", "ready", "/state");
    }
  }

  private static void until(String what, Callable<Boolean> condition) {
    Await.until(what, Operated.PATIENCE, condition);
  }

  private void awaitAll(String what, String value, String pointer) {
    until(
        "all say " + what,
        () ->
            replicas.values().stream()
                .allMatch(each -> each.pool(POOL).at(pointer).asString("").equals(value)));
  }

  /** Until all send to that server, by one epoch. */
  private void awaitAll(String server) {
    until(
        server + " serves at all",
        () -> {
          List<JsonNode> pools = replicas.values().stream().map(each -> each.pool(POOL)).toList();
          return pools.stream()
              .allMatch(
                  pool ->
                      pool.at("/serving").asString("").equals(server)
                          && pool.at("/epoch").equals(pools.getFirst().at("/epoch")));
        });
  }
}
