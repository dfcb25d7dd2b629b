package dev.understudy.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** All packages start from the two files of {@code config/}; each difference is listed here. */
class SettingsOfPackagesTest {
  private static final Path APPLICATION = Path.of("config/application.yaml");

  /** One line more: nobody elsewhere reads what the management port has. */
  private static final String LOOPBACK =
      "    address: 127.0.0.1                # remove this line for a Prometheus or console"
          + " elsewhere: whoever reaches the port may read";

  private static final Path GATEWAY = Path.of("config/gateway.yaml");

  /** The edit of {@code deploy/debian/build.sh}, run on the real file. */
  private static List<String> debian() throws IOException, InterruptedException {
    List<String> edit =
        Files.readAllLines(Path.of("deploy/debian/build.sh")).stream()
            .dropWhile(line -> !line.startsWith("sed -e 's|^  config:"))
            .takeWhile(line -> !line.startsWith("install"))
            .toList();
    String command = String.join("\n", edit).replaceFirst(" > .*", "");
    Process process =
        new ProcessBuilder("/bin/sh", "-c", command).redirectErrorStream(true).start();
    List<String> lines = process.inputReader().lines().toList();
    assertThat(process.waitFor()).isZero();
    return lines;
  }

  @Test
  void the_debian_package_has_the_example_with_the_places_of_a_machine() throws Exception {
    List<String> example = Files.readAllLines(APPLICATION);
    List<String> packaged = new ArrayList<>(debian());
    List<String> changed = new ArrayList<>();
    assertThat(packaged).containsOnlyOnce(LOOPBACK);
    packaged.remove(LOOPBACK);
    assertThat(packaged).hasSameSizeAs(example);
    for (int i = 0; i < example.size(); i++) {
      if (!packaged.get(i).equals(example.get(i))) {
        changed.add(packaged.get(i).replaceAll("(?<=\\S)\\s+#.*", ""));
      }
    }
    assertThat(changed)
        .containsExactly(
            "  config: /etc/understudy/gateway.yaml",
            "  state-file: /var/lib/understudy/state",
            "  # extensions: /etc/understudy/extensions");
    assertThat(Files.readString(Path.of("deploy/debian/build.sh")))
        .contains("install -m 644 config/gateway.yaml \"$examples/gateway.yaml\"");
  }

  /** The ConfigMap names servers of the cluster; routes, checks and all else are the example's. */
  @Test
  void the_manifests_have_the_example_with_the_servers_of_a_cluster() throws Exception {
    JsonNode example = Manifests.parse(Files.readString(GATEWAY)).get(0);
    JsonNode map =
        Manifests.parse(
                Manifests.one("kubernetes", "ConfigMap", "understudy")
                    .at("/data/gateway.yaml")
                    .asString())
            .get(0);
    for (JsonNode file : List.of(example, map)) {
      file.at("/pools/app/servers").forEach(server -> ((ObjectNode) server).remove("url"));
      ((ObjectNode) file).remove("default-filters");
    }
    assertThat(map).isEqualTo(example);
  }

  @Test
  void each_setting_of_the_manifests_is_one_of_the_example() throws Exception {
    String example = Files.readString(APPLICATION).replace("# ", "  ");
    JsonNode settings =
        Manifests.parse(
                Manifests.one("kubernetes", "ConfigMap", "understudy")
                    .at("/data/application.yaml")
                    .asString())
            .get(0);
    List<String> names = new ArrayList<>();
    leaves(settings, names);
    assertThat(names)
        .hasSizeGreaterThan(5)
        .allSatisfy(name -> assertThat(example).containsPattern("(?m)^ *" + name + ":"));
  }

  private static void leaves(JsonNode node, List<String> names) {
    node.properties()
        .forEach(
            entry -> {
              if (entry.getValue().isObject()) {
                leaves(entry.getValue(), names);
              } else {
                names.add(entry.getKey());
              }
            });
  }
}
