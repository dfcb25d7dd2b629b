package dev.understudy.haproxy.objects;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.command.ObjectsOfImports;
import dev.understudy.deploy.Manifests;
import dev.understudy.gatewayapi.translate.TranslatedCluster;
import dev.understudy.pages.GeneratedText;
import dev.understudy.testing.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

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

  /** Lines of a frontend, and the rules of the route for all requests; none if it is left out. */
  @Rows(
      """
      # a guard that objects can say
      http-request deny if { path /x } | Exact /x -> none; PathPrefix / -> app-one
      http-request deny if { path /x } !{ hdr(A) b } | Exact /x A -> app-one; Exact /x -> none; PathPrefix / -> app-one
      # one that would let through more
      http-request deny if { path_beg /x } | left out
      http-request deny if { src 10.0.0.0/8 } | left out
      http-request deny if { hdr(A) b } | left out
      # several, of which one could outdo the other
      http-request deny if { path /x } ; http-request deny if { path /y } | Exact /x -> none; Exact /y -> none; PathPrefix / -> app-one
      http-request deny if { path /x } !{ hdr(A) b } ; http-request deny if { path /x } { hdr(C) d } | left out
      # what is not fixed cannot be forged
      http-request set-header X-Real-IP %[src] | PathPrefix / RequestHeaderModifier{remove=[X-Real-IP]} -> app-one
      http-response set-header A b | PathPrefix / ResponseHeaderModifier{set=[{name=A, value=b}]} -> app-one
      # any other filter
      http-request auth unless { http_auth(staff) } | left out
      http-request redirect location https://b.test/x if { path /y } | left out
      """)
  void a_route_is_left_out_where_objects_would_let_through_more(String lines, String rules) {
    GatewayObjects made =
        ObjectsOfImports.of(
            """
            defaults
              mode http
            userlist staff
              user bob insecure-password pass
            frontend web
              bind :80
              %s
              default_backend app
            backend app
              server one 10.0.0.1:82 check
            """
                .formatted(lines.replace(" ; ", "\n  ")));
    assertThat(rules(made.yaml())).isEqualTo(rules);
    assertThat(TranslatedCluster.withSecrets(made.yaml()).refusals()).isEmpty();
  }

  private static String rules(String yaml) {
    return Manifests.parse(yaml).stream()
        .filter(each -> each.path("kind").asString().equals("HTTPRoute"))
        .flatMap(each -> each.path("spec").path("rules").valueStream())
        .map(GatewayObjectsTest::rule)
        .reduce((one, other) -> one + "; " + other)
        .orElse("left out");
  }

  private static String rule(JsonNode rule) {
    JsonNode match = rule.path("matches").path(0);
    StringBuilder text = new StringBuilder(match.at("/path/type").asString());
    text.append(' ').append(match.at("/path/value").asString());
    match.path("headers").forEach(each -> text.append(' ').append(each.path("name").asString()));
    for (JsonNode each : rule.path("filters")) {
      String type = each.path("type").asString();
      String field = type.substring(0, 1).toLowerCase(Locale.ROOT) + type.substring(1);
      text.append(' ').append(type);
      text.append(
          each.path(field).toString().replace("\"", "").replace(':', '=').replace(",", ", "));
    }
    return text + " -> " + rule.path("backendRefs").path(0).path("name").asString("none");
  }

  @Test
  void those_of_the_mission_are_as_beside_it() throws IOException {
    GatewayObjects made = ObjectsOfImports.of(FOLDER.resolve("sense.cfg"));
    GeneratedText.require(FOLDER.resolve("sense.objects.yaml"), made.yaml());
    GeneratedText.require(
        FOLDER.resolve("sense.objects.report"), String.join("\n", made.losses()) + "\n");
  }
}
