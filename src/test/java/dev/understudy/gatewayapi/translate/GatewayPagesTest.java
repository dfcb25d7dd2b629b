package dev.understudy.gatewayapi.translate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.deploy.Manifests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Objects as pages and their files print them: none is refused. */
class GatewayPagesTest {
  private static final Path PAGE = Path.of("deploy/gateway-api.md");
  private static final Path RECIPES = Path.of("deploy/kubernetes/gateway-api/recipes");
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```yaml\n(.*?)^```$");

  /** What the examples leave to the reader. */
  private static final String GIVEN =
      """
      kind: Gateway
      metadata: { name: public, namespace: shop }
      spec:
        gatewayClassName: understudy
        listeners:
          - { name: pg, protocol: TCP, port: 5432 }
          - { name: valkey, protocol: TCP, port: 6379 }
          - { name: http, protocol: HTTP, port: 8000 }
      ---
      kind: HTTPRoute
      metadata: { name: sense, namespace: shop }
      spec:
        parentRefs: [ { name: public, sectionName: http } ]
        rules: [ { name: api, backendRefs: [ { name: sense-1, port: 8079 } ] } ]
      """;

  static List<String> objects() throws IOException {
    List<String> all = new ArrayList<>();
    Matcher block = BLOCK.matcher(Files.readString(PAGE));
    while (block.find()) {
      if (block.group(1).contains("apiVersion:")) {
        all.add(block.group(1));
      }
    }
    try (Stream<Path> files = Files.list(RECIPES)) {
      for (Path each : files.sorted().toList()) {
        all.add(Files.readString(each));
      }
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("objects")
  void nothing_is_refused(String yaml) {
    TranslatedCluster cluster =
        TranslatedCluster.withSecrets(GIVEN, yaml, services(yaml + "---\n" + GIVEN));
    assertThat(cluster.refusals()).isEmpty();
    assertThat(cluster.reported().contains("FailoverPolicy"))
        .isEqualTo(yaml.contains("kind: FailoverPolicy\n"));
  }

  /** The Services to which they lead. */
  private static String services(String yaml) {
    Map<String, TreeSet<Integer>> ports = new TreeMap<>();
    for (JsonNode document : Manifests.parse(yaml)) {
      String namespace = document.path("metadata").path("namespace").asString("shop");
      List<JsonNode> references = new ArrayList<>(document.findValues("backendRef"));
      document.findValues("backendRefs").forEach(each -> each.forEach(references::add));
      references.addAll(document.findValues("service"));
      for (JsonNode each : references) {
        JsonNode port = each.path("port");
        ports
            .computeIfAbsent(
                each.path("name").asString() + ", namespace: " + namespace,
                fresh -> new TreeSet<>())
            .add(port.isInt() ? port.asInt() : port.path("number").asInt());
      }
    }
    StringBuilder all = new StringBuilder();
    ports.forEach(
        (name, of) -> {
          all.append("---\nkind: Service\nmetadata: { name: ")
              .append(name)
              .append(" }\nspec:\n  ports:\n");
          of.forEach(
              port ->
                  all.append("    - { name: p")
                      .append(port)
                      .append(", port: ")
                      .append(port)
                      .append(" }\n"));
        });
    return all.toString();
  }
}
