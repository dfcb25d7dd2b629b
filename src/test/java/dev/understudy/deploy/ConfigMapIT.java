package dev.understudy.deploy;

import static dev.understudy.deploy.Manifests.one;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.scenario.ProxyProcess;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * The built jar with the ConfigMap mounted as the kubelet does it: links to {@code ..data}, which
 * is a link to a directory that has a new name after each change.
 */
@Tag(Extent.SLOW)
class ConfigMapIT {
  private static final String MASTER = "app-master.understudy.svc.cluster.local";
  private static final String BACKUP = "app-backup.understudy.svc.cluster.local";

  @TempDir private Path workingDirectory;
  private final Map<String, String> files = new TreeMap<>();
  private Path mount;
  @AutoClose private ProxyProcess proxy;

  @BeforeEach
  void start() throws Exception {
    one("kubernetes", "ConfigMap", "understudy")
        .path("data")
        .properties()
        .forEach(file -> files.put(file.getKey(), outsideOfACluster(file.getValue().asString())));
    mount = Files.createDirectory(workingDirectory.resolve("config"));
    publish("..2026_01_01");
    for (String name : files.keySet()) {
      Files.createSymbolicLink(mount.resolve(name), Path.of("..data", name));
    }
    proxy = ProxyProcess.start(workingDirectory, Path.of("config/gateway.yaml"));
  }

  /** Nobody knows the names outside of a cluster, asking may take long, and there is no API. */
  private static String outsideOfACluster(String text) {
    return text.replace(MASTER, "127.0.0.1")
        .replace(BACKUP, "127.0.0.1")
        .replace("mode: kubernetes", "mode: standalone");
  }

  private void publish(String directory) throws IOException {
    Path target = Files.createDirectory(mount.resolve(directory));
    for (Map.Entry<String, String> file : files.entrySet()) {
      Files.writeString(target.resolve(file.getKey()), file.getValue());
    }
    Path link = Files.createSymbolicLink(mount.resolve("..data_tmp"), Path.of(directory));
    Files.move(link, mount.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
  }

  @Test
  void both_files_are_found_every_probe_succeeds_and_a_change_is_applied() throws Exception {
    JsonNode template = one("kubernetes", "Deployment", "understudy").at("/spec/template");
    JsonNode container = template.at("/spec/containers/0");
    for (String probe : new String[] {"startupProbe", "livenessProbe", "readinessProbe"}) {
      assertThat(proxy.status(container.path(probe).at("/httpGet/path").asString())).isEqualTo(200);
    }
    assertThat(scrape(template)).contains("understudy_server_info{pool=\"app\",role=\"master\"");
    // What the ConfigMap's application.yaml asks for.
    assertThat(proxy.log().lines().findFirst().orElseThrow()).startsWith("{\"@timestamp\"");

    files.computeIfPresent("gateway.yaml", (name, text) -> text.replace("app-1:", "another:"));
    publish("..2026_01_02");

    Await.until("the change is applied", () -> scrape(template).contains("server=\"another\""));
    assertThat(scrape(template)).doesNotContain("server=\"app-1\"");
  }

  private String scrape(JsonNode template) {
    JsonNode annotations = template.at("/metadata/annotations");
    return proxy.manage(annotations.path("prometheus.io/path").asString());
  }
}
