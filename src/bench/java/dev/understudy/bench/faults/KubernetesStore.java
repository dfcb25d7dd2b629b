package dev.understudy.bench.faults;

import dev.understudy.scenario.KubernetesApi;
import dev.understudy.scenario.Replica;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A Kubernetes API server before an etcd of its own. Killed is the API server, frozen the etcd
 * behind it, so that the API accepts requests and cannot fulfil them.
 */
final class KubernetesStore implements Store {
  private static final String NAMESPACE = "faults";
  private static final String RECORD =
      "/apis/coordination.k8s.io/v1/namespaces/"
          + NAMESPACE
          + "/leases/understudy-pool-"
          + Replica.POOL;
  private static final String ADDRESS = "understudy.dev/address";

  private final KubernetesApi api;

  KubernetesStore(Path folder) throws Exception {
    api = KubernetesApi.start(folder.resolve("api"));
    try {
      api.createNamespace(NAMESPACE);
      api.grant(NAMESPACE);
    } catch (Exception | Error e) {
      api.close();
      throw e;
    }
  }

  @Override
  public int port() {
    return api.port();
  }

  @Override
  public List<String> settings(int port) {
    String kubernetes = "--understudy.agreement.kubernetes.";
    return List.of(
        "--understudy.agreement.mode=kubernetes",
        kubernetes + "url=https://127.0.0.1:" + port,
        kubernetes + "namespace=" + NAMESPACE,
        kubernetes + "token-file=" + api.tokenFile(KubernetesApi.PROXY),
        kubernetes + "ca-file=" + api.caFile());
  }

  @Override
  public void kill() throws InterruptedException {
    api.kill();
  }

  @Override
  public void startAgain() throws IOException {
    api.start();
  }

  @Override
  public void freeze() throws IOException, InterruptedException {
    api.etcd().freeze();
  }

  @Override
  public void thaw() throws IOException, InterruptedException {
    api.etcd().thaw();
  }

  @Override
  public void deleteRecord() throws Exception {
    api.admin("DELETE", RECORD, "");
  }

  @Override
  public void editRecord(UnaryOperator<Entry> change) throws Exception {
    ObjectNode lease = (ObjectNode) JsonMapper.shared().readTree(api.admin("GET", RECORD, ""));
    ObjectNode spec = (ObjectNode) lease.get("spec");
    ObjectNode annotations = (ObjectNode) lease.at("/metadata/annotations");
    Entry changed =
        change.apply(
            new Entry(
                spec.path("holderIdentity").asString(""),
                annotations.path(ADDRESS).asString(""),
                spec.path("leaseTransitions").asLong()));
    spec.put("holderIdentity", changed.holder()).put("leaseTransitions", changed.transitions());
    annotations.put(ADDRESS, changed.address());
    api.admin("PUT", RECORD, lease.toString());
  }

  @Override
  public void close() throws InterruptedException {
    api.close();
  }
}
