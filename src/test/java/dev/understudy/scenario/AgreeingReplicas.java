package dev.understudy.scenario;

import dev.understudy.testing.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Three replicas of the built jar that agree through a Kubernetes API server of their own. */
public final class AgreeingReplicas implements AutoCloseable {
  private static final List<String> NAMES = List.of("r1", "r2", "r3");
  private static final String NAMESPACE = "replicas";
  private static final String TOKEN = "a-token-for-tests-only";

  /** What is a replica's own. */
  @FunctionalInterface
  public interface Site {
    /** The text of the dynamic file of the replica with that number, from 0. */
    String file(int number) throws IOException;

    /** Further settings of that replica. */
    default List<String> settings(int number) {
      return List.of();
    }

    /** Called before any replica starts. */
    default void prepare(KubernetesApi api) throws Exception {}
  }

  /**
   * How a command of an operator's ended.
   *
   * @param out both outputs
   */
  public record Ended(int status, String out) {}

  private final Path folder;
  private final KubernetesApi api;
  private final List<ProxyProcess> replicas = new ArrayList<>();

  private AgreeingReplicas(Path folder, KubernetesApi api) {
    this.folder = folder;
    this.api = api;
  }

  /**
   * Starts them at once and waits until they are ready.
   *
   * @param environment further variables of each
   * @param settings further ones of each
   */
  public static AgreeingReplicas start(
      Path folder, Map<String, String> environment, Site site, String... settings)
      throws Exception {
    KubernetesApi api = KubernetesApi.start(folder.resolve("api"));
    AgreeingReplicas started = new AgreeingReplicas(folder, api);
    try (ExecutorService starts = Executors.newVirtualThreadPerTaskExecutor()) {
      api.createNamespace(NAMESPACE);
      api.grant(NAMESPACE);
      site.prepare(api);
      List<Future<ProxyProcess>> all = new ArrayList<>();
      for (int i = 0; i < NAMES.size(); i++) {
        Path home = Files.createDirectories(folder.resolve(NAMES.get(i)));
        Path dynamic = Files.writeString(home.resolve("gateway.yaml"), site.file(i));
        List<String> arguments = new ArrayList<>(List.of(settings));
        arguments.addAll(site.settings(i));
        arguments.addAll(
            List.of(
                "-Xmx128m",
                "--understudy.agreement.mode=kubernetes",
                "--understudy.agreement.kubernetes.url=" + api.url(),
                "--understudy.agreement.kubernetes.namespace=" + NAMESPACE,
                "--understudy.agreement.kubernetes.token-file="
                    + api.tokenFile(KubernetesApi.PROXY),
                "--understudy.agreement.kubernetes.ca-file=" + api.caFile(),
                "--understudy.agreement.replica=" + NAMES.get(i),
                "--understudy.admin.token=" + TOKEN));
        all.add(
            starts.submit(
                () ->
                    ProxyProcess.start(
                        home, dynamic, environment, arguments.toArray(String[]::new))));
      }
      for (Future<ProxyProcess> each : all) {
        started.replicas.add(each.get());
      }
    } catch (Exception e) {
      started.close();
      throw e;
    }
    return started;
  }

  public KubernetesApi api() {
    return api;
  }

  public List<ProxyProcess> all() {
    return replicas;
  }

  /** Waits until that server serves the pool at each replica. */
  public void awaitServing(String pool, String server) {
    Await.until(server + " serves " + pool, () -> serves(pool, server));
  }

  /** Whether that server serves the pool at each replica. */
  public boolean serves(String pool, String server) {
    return replicas.stream()
        .map(each -> each.manage("/api/pools/" + pool))
        .allMatch(each -> read(each).at("/serving").asString("").equals(server));
  }

  private static JsonNode read(String json) {
    return JsonMapper.shared().readTree(json);
  }

  /** Runs a command of an operator's at the last replica. */
  public Ended run(String... arguments) throws IOException, InterruptedException {
    List<String> command = Processes.archived(List.of());
    command.addAll(List.of(arguments));
    command.add("--server=http://127.0.0.1:" + replicas.getLast().managementPort());
    command.add("--token-file=" + Files.writeString(folder.resolve("token"), TOKEN));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes());
    return new Ended(process.waitFor(), out);
  }

  @Override
  public void close() throws InterruptedException {
    for (ProxyProcess each : replicas) {
      each.close();
    }
    api.close();
  }
}
