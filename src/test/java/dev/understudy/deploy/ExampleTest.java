package dev.understudy.deploy;

import static dev.understudy.deploy.Manifests.one;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The example application is what the gateway file speaks of. */
class ExampleTest {
  private static final String FOLDER = "example";

  private static JsonNode server(String name) {
    String gateway =
        one("kubernetes", "ConfigMap", "understudy").at("/data/gateway.yaml").asString();
    return Manifests.parse(gateway).get(0).at("/pools/app/servers/" + name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"app-master", "app-backup"})
  void there_are_never_two_of_one_at_once(String name) {
    JsonNode deployment = one(FOLDER, "Deployment", name).path("spec");

    assertThat(deployment.path("replicas").asInt()).isOne();
    assertThat(deployment.at("/strategy/type").asString()).isEqualTo("Recreate");
  }

  @ParameterizedTest
  @ValueSource(strings = {"app-master", "app-backup"})
  void each_has_a_service_of_its_own(String name) {
    JsonNode labels = one(FOLDER, "Deployment", name).at("/spec/template/metadata/labels");
    JsonNode selector = one(FOLDER, "Service", name).at("/spec/selector");

    assertThat(selector.path("app.kubernetes.io/name").asString()).isEqualTo(name);
    assertThat(labels.path("app.kubernetes.io/name").asString()).isEqualTo(name);
    assertThat(one(FOLDER, "Deployment", name).at("/spec/selector/matchLabels"))
        .isEqualTo(selector);
  }

  @Test
  void the_pools_servers_are_these_services() {
    for (List<String> pair :
        List.of(List.of("one", "app-master", "master"), List.of("two", "app-backup", "backup"))) {
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

    for (String name : List.of("app-master", "app-backup")) {
      assertThat(one(FOLDER, "Deployment", name).at("/metadata/namespace")).isEqualTo(namespace);
    }
    assertThat(rule.has("ports")).isFalse();
  }
}
