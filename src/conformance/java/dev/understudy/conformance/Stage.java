package dev.understudy.conformance;

import dev.understudy.scenario.KubernetesApi;
import dev.understudy.scenario.Replica;
import dev.understudy.scenario.Way;
import dev.understudy.testing.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Up to three replicas before a master and a backup, and a real API server between them. */
final class Stage implements AutoCloseable {
  static final String MASTER = "sen2";
  static final String BACKUP = "sen1";

  private static final String NAMESPACE = "shop";
  private static final String LEASES =
      "/apis/coordination.k8s.io/v1/namespaces/" + NAMESPACE + "/leases";
  static final Duration PATIENCE = Duration.ofSeconds(40);

  private final HitLog log = new HitLog();
  private final KubernetesApi api;
  private final Path folder;
  private final WitnessServer master;
  private final WitnessServer backup;
  private final Map<String, Replica> replicas = new TreeMap<>();

  private Stage(KubernetesApi api, Path folder) throws IOException {
    this.api = api;
    this.folder = folder;
    this.master = WitnessServer.start(MASTER, log);
    this.backup = WitnessServer.start(BACKUP, log);
  }

  static Stage open(Path folder) throws Exception {
    KubernetesApi api = KubernetesApi.start(folder.resolve("api"));
    api.createNamespace(NAMESPACE);
    api.grant(NAMESPACE);
    return new Stage(api, folder);
  }

  HitLog log() {
    return log;
  }

  KubernetesApi api() {
    return api;
  }

  WitnessServer master() {
    return master;
  }

  WitnessServer backup() {
    return backup;
  }

  Replica replica(int number) {
    return replicas.get("r" + number);
  }

  /** Those that run. */
  List<Replica> running() {
    return replicas.values().stream().filter(Replica::isRunning).toList();
  }

  /** Makes just {@code r1} to {@code rN} run, with the usual file. */
  void run(int count) throws Exception {
    for (Replica replica : running()) {
      if (Integer.parseInt(replica.name().substring(1)) > count) {
        replica.terminate();
      }
    }
    try (ExecutorService starts = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 1; i <= count; i++) {
        Replica replica = prepare(i);
        if (!replica.isRunning()) {
          all.add(
              starts.submit(
                  () -> {
                    replica.start();
                    return null;
                  }));
        }
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
  }

  /** A replica with the usual file, which perhaps does not run. */
  Replica prepare(int number) throws IOException {
    Replica replica = replicas.get("r" + number);
    if (replica == null) {
      Way way = Way.to(api.port());
      replica =
          new Replica(
              "r" + number,
              folder,
              way,
              "--understudy.agreement.mode=kubernetes",
              "--understudy.agreement.kubernetes.url=https://127.0.0.1:" + way.port(),
              "--understudy.agreement.kubernetes.namespace=" + NAMESPACE,
              "--understudy.agreement.kubernetes.token-file=" + api.tokenFile(KubernetesApi.PROXY),
              "--understudy.agreement.kubernetes.ca-file=" + api.caFile());
      replicas.put(replica.name(), replica);
      write(replica, usual(replica));
    }
    return replica;
  }

  /** The dynamic file, in which only the mark of its probes differs between replicas. */
  String usual(Replica replica) {
    return file(replica, "master", "backup", "manual");
  }

  /** A file with these ranks and that way to fail back. */
  String file(Replica replica, String masterRank, String backupRank, String failback) {
    return """
    pools:
      sense:
        servers:
          sen2: { url: "%s", role: %s }
          sen1: { url: "%s", role: %s }
        health: { path: "/status", headers: { X-Replica: "%s" } }
        failback: { policy: %s }
    routes:
      - { id: all, uri: "pool://sense", predicates: ["Path=/**"] }
    """
        .formatted(master.url(), masterRank, backup.url(), backupRank, replica.name(), failback);
  }

  /** A file without the master, in which the backup is one. */
  String withoutMaster(Replica replica) {
    return file(replica, "master", "master", "manual").replaceFirst("(?m)^ *sen2:.*\\R", "");
  }

  /** Replaces the file at once, as a mounted ConfigMap is. */
  void write(Replica replica, String text) throws IOException {
    Path next = replica.file().resolveSibling("next.yaml");
    Files.writeString(next, text);
    Files.move(
        next,
        replica.file(),
        java.nio.file.StandardCopyOption.ATOMIC_MOVE,
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }

  /** Mends all that rows break. */
  void mend() throws IOException {
    for (Replica replica : replicas.values()) {
      replica.way().leadTo(api.port());
      replica.way().set(Way.State.OPEN);
    }
    master.restore();
    backup.restore();
  }

  /** Waits until just so many replicas run, the master serves and nothing is under way. */
  void settle(int count) throws Exception {
    mend();
    for (Replica replica : replicas.values()) {
      write(replica, usual(replica));
    }
    run(count);
    Replica any = running().get(0);
    for (String server : List.of(MASTER, BACKUP)) {
      until(server + " is ready", () -> any.state(server, "ready") == 200);
    }
    until("all see both servers UP and are ready", this::isHealthy);
    JsonNode pool = any.pool();
    if (!pool.at("/serving").asString("").equals(MASTER) || !pool.at("/pinned").isNull()) {
      until("the master is switched to", () -> any.switchTo(MASTER) == 200);
      until("the pin is lifted", () -> any.switchTo("auto") == 200);
    }
    until("all agree on the master", () -> agree(MASTER) && isHealthy());
  }

  static void until(String what, Callable<Boolean> condition) {
    until(what, PATIENCE, condition);
  }

  static void until(String what, Duration patience, Callable<Boolean> condition) {
    Await.until(what, patience, condition);
  }

  private boolean isHealthy() {
    return running().stream()
        .allMatch(
            replica -> {
              JsonNode pool = replica.pool();
              return replica.isReady()
                  && pool.at("/servers")
                      .valueStream()
                      .allMatch(
                          server ->
                              server.at("/status").asString().equals("UP")
                                  && server.at("/state").asString().equals("ready")
                                  && !server.at("/circuitOpen").asBoolean());
            });
  }

  /** Whether all that run say that this one serves, under one epoch. */
  boolean agree(String server) {
    List<JsonNode> pools = running().stream().map(Replica::pool).toList();
    return pools.stream()
        .allMatch(
            pool ->
                pool.at("/serving").asString("").equals(server)
                    && pool.at("/epoch").asLong() == pools.get(0).at("/epoch").asLong());
  }

  /** The pool's Lease. */
  JsonNode lease() throws Exception {
    return JsonMapper.shared().readTree(api.admin("GET", LEASES + "/understudy-pool-sense", ""));
  }

  /** Writes like an operator with an editor, or a restored backup. */
  void editLease(String holder, int epochs) throws Exception {
    ObjectNode lease = (ObjectNode) lease();
    ObjectNode spec = (ObjectNode) lease.at("/spec");
    spec.put("holderIdentity", holder);
    spec.put("leaseTransitions", spec.at("/leaseTransitions").asInt() + epochs);
    api.admin("PUT", LEASES + "/understudy-pool-sense", lease.toString());
  }

  void deleteLease() throws Exception {
    api.admin("DELETE", LEASES + "/understudy-pool-sense", "");
  }

  /** The messages of the Kubernetes Events about the pool's Lease. */
  List<String> kubernetesEvents() throws Exception {
    String path =
        "/api/v1/namespaces/"
            + NAMESPACE
            + "/events?fieldSelector=involvedObject.name%3Dunderstudy-pool-sense";
    return JsonMapper.shared()
        .readTree(api.admin("GET", path, ""))
        .at("/items")
        .valueStream()
        .map(event -> event.at("/message").asString())
        .toList();
  }

  /** The ends of the replicas' logs, for the analysis of a failure. */
  void printLogs() throws IOException {
    for (Replica replica : running()) {
      List<String> lines = replica.process().log().lines().toList();
      System.out.println("--- " + replica.name());
      lines.subList(Math.max(0, lines.size() - 12), lines.size()).forEach(System.out::println);
    }
  }

  @Override
  public void close() throws Exception {
    for (Replica replica : replicas.values()) {
      replica.close();
    }
    master.close();
    backup.close();
    api.close();
  }
}
