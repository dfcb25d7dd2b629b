package dev.understudy.deploy;

import static dev.understudy.deploy.Manifests.one;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The example application is what the gateway file speaks of. */
class ExampleTest {
  private static final String FOLDER = "example";

  private static JsonNode server(String name) {
    String gateway =
        one("kubernetes", "ConfigMap", "understudy").at("/data/gateway.yaml").asString();
    return Manifests.parse(gateway).get(0).at("/pools/app/servers/" + name);
  }

  @Test
  void there_are_two_pods_that_keep_their_names() {
    JsonNode set = one(FOLDER, "StatefulSet", "whoami").path("spec");

    assertThat(set.path("replicas").asInt()).isEqualTo(2);
    assertThat(one(FOLDER, "Service", set.path("serviceName").asString()).at("/spec/clusterIP"))
        .hasToString("\"None\"");
    assertThat(set.at("/template/metadata/labels/app.kubernetes.io~1name"))
        .isEqualTo(set.at("/selector/matchLabels/app.kubernetes.io~1name"));
  }

  @ParameterizedTest
  @CsvSource({"app-master, whoami-0", "app-backup, whoami-1"})
  void each_has_a_service_of_its_own(String service, String pod) {
    JsonNode selector = one(FOLDER, "Service", service).at("/spec/selector");

    assertThat(selector.size()).isOne();
    assertThat(selector.path("statefulset.kubernetes.io/pod-name").asString()).isEqualTo(pod);
  }

  @Test
  void the_pools_servers_are_these_services() {
    for (List<String> pair :
        List.of(
            List.of("app-1", "app-master", "master"), List.of("app-2", "app-backup", "backup"))) {
      JsonNode server = server(pair.get(0));
      URI url = URI.create(server.path("url").asString());
      JsonNode service = one(FOLDER, "Service", pair.get(1));

      assertThat(server.path("role").asString()).isEqualTo(pair.get(2));
      assertThat(url.getHost())
          .isEqualTo(
              pair.get(1)
                  + "."
                  + service.at("/metadata/namespace").asString()
                  + ".svc.cluster.local");
      assertThat(url.getPort()).isEqualTo(service.at("/spec/ports/0/port").asInt());
    }
  }

  @Test
  void the_network_policy_lets_us_reach_them() {
    JsonNode rule = one("kubernetes", "NetworkPolicy", "understudy").at("/spec/egress/1");
    JsonNode namespace =
        rule.at("/to/0/namespaceSelector/matchLabels/kubernetes.io~1metadata.name");

    assertThat(one(FOLDER, "StatefulSet", "whoami").at("/metadata/namespace")).isEqualTo(namespace);
    assertThat(rule.has("ports")).isFalse();
  }
}
