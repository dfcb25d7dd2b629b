package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.deploy.Manifests;
import dev.understudy.scenario.Binaries;
import dev.understudy.scenario.KubernetesApi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * The page of the first minutes in a cluster, run as it is printed against a real API server. As no
 * kubelet is there, of a command that needs a running Pod it is shown only that what it names
 * exists.
 */
class FirstMinutesIT {
  private static final Path PAGE = Path.of("deploy/kubernetes/first-minutes.md");

  /** What needs a Pod that runs, and the object that makes it. */
  private static final Map<Pattern, String> OF_PODS =
      Map.of(
          Pattern.compile("kubectl -n understudy (exec|port-forward) (deployment|service)/.*"),
          "$2/understudy",
          Pattern.compile("kubectl -n understudy rollout status (deployment/understudy)"),
          "$1",
          Pattern.compile("kubectl -n understudy delete pod whoami-0"),
          "statefulset/whoami",
          Pattern.compile("while sleep 0.1; do curl -s http://localhost:8080/ .*"),
          "service/understudy");

  @TempDir private static Path folder;
  private static KubernetesApi api;
  private static Path kubeConfig;

  /** Where the commands run; it has the folder deploy. */
  private static Path clone;

  @BeforeAll
  static void start() throws Exception {
    api = KubernetesApi.start(folder.resolve("api"));
    clone = Files.createDirectory(folder.resolve("clone"));
    Files.createSymbolicLink(clone.resolve("deploy"), Path.of("deploy").toAbsolutePath());
    kubeConfig = Files.writeString(folder.resolve("kubeconfig"), HelmChart.kubeConfig(api));
  }

  @AfterAll
  static void stop() throws Exception {
    if (api != null) {
      api.close();
    }
  }

  private static List<String> blocks(String language) throws IOException {
    return Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
        .matcher(Files.readString(PAGE))
        .results()
        .map(found -> found.group(1))
        .toList();
  }

  @Test
  void its_commands_make_what_they_speak_of() throws Exception {
    List<String> upgraded = new ArrayList<>();
    for (String block : blocks("sh")) {
      for (String line : block.lines().toList()) {
        if (line.startsWith("helm install understudy deploy/helm/understudy -n understudy ")) {
          install();
        } else if (line.startsWith("helm upgrade understudy deploy/helm/understudy ")) {
          upgraded.add(line);
        } else {
          run(objectOf(line));
        }
      }
    }
    assertThat(upgraded).hasSize(1);
    assertThat(run("kubectl -n understudy get statefulset/whoami -o name")).contains("statefulset");
  }

  /** The command itself, or that its object exists. */
  private static String objectOf(String line) {
    return OF_PODS.entrySet().stream()
        .filter(each -> each.getKey().matcher(line).matches())
        .map(
            each ->
                "kubectl -n understudy get "
                    + each.getKey().matcher(line).replaceFirst(each.getValue()))
        .findAny()
        .orElse(line);
  }

  private static void install() throws Exception {
    HelmChart chart =
        new HelmChart(
            Files.createTempDirectory(folder, "chart"),
            "{ podDisruptionBudget: { enabled: false }, autoscaling: { enabled: false } }");
    chart.fit(api);
    chart.install(api, "understudy", "understudy");
  }

  private static String run(String command) throws IOException, InterruptedException {
    Path printed = Files.createTempFile(folder, "printed", "");
    ProcessBuilder builder =
        new ProcessBuilder("bash", "-c", command)
            .directory(clone.toFile())
            .redirectErrorStream(true)
            .redirectOutput(printed.toFile());
    builder.environment().put("KUBECONFIG", kubeConfig.toString());
    builder
        .environment()
        .merge(
            "PATH",
            Binaries.find("kubectl").getParent().toString(),
            (path, bin) -> bin + ":" + path);
    int status = builder.start().waitFor();
    String text = Files.readString(printed);
    assertThat(status).as("%s: %s", command, text).isZero();
    return text;
  }

  @Test
  void its_gateway_yaml_is_the_charts_and_names_the_examples_services() throws Exception {
    String shown = String.join("", blocks("yaml"));
    assertThat(shown).isEqualTo(HelmChart.values().path("gateway").asString());
    for (JsonNode server : Manifests.parse(shown).get(0).at("/pools/app/servers")) {
      String service = server.path("url").asString().replaceAll("http://([^.]+)[.].*", "$1");
      assertThat(Manifests.one("example", "Service", service)).isNotNull();
    }
  }
}
