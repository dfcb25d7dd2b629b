package dev.understudy.haproxy.objects;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.command.ObjectsOfImports;
import dev.understudy.gatewayapi.translate.TranslatedCluster;
import dev.understudy.pages.GeneratedText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What objects say of configurations. Those of the mission are beside it, written anew with {@code
 * -Dunderstudy.generate=true}.
 */
class GatewayObjectsTest {
  private static final Path FOLDER = Path.of("src/test/resources/dev/understudy/haproxy");

  static Stream<Path> configurations() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files.filter(each -> each.toString().endsWith(".cfg")).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void nothing_of_them_is_refused(Path file) throws IOException {
    TranslatedCluster cluster =
        TranslatedCluster.withSecrets(
            ObjectsOfImports.of(file).yaml(),
            """
            kind: ReferenceGrant
            metadata: { name: shop, namespace: default }
            spec:
              from:
                - { group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: shop }
                - { group: understudy.dev, kind: FailoverPolicy, namespace: shop }
              to: [ { group: "", kind: Service } ]
            ---
            kind: Service
            metadata: { name: web, namespace: default }
            spec: { ports: [ { port: 8080 } ] }
            """);
    assertThat(cluster.refusals()).isEmpty();
  }

  @Test
  void those_of_the_mission_are_as_beside_it() throws IOException {
    GatewayObjects made = ObjectsOfImports.of(FOLDER.resolve("sense.cfg"));
    GeneratedText.require(FOLDER.resolve("sense.objects.yaml"), made.yaml());
    GeneratedText.require(
        FOLDER.resolve("sense.objects.report"), String.join("\n", made.losses()) + "\n");
  }
}
