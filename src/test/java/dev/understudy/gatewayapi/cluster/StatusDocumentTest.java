package dev.understudy.gatewayapi.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.gatewayapi.object.Gateway.Address;
import dev.understudy.gatewayapi.object.ListenerEntry.GroupKind;
import dev.understudy.gatewayapi.object.ParentRef;
import dev.understudy.gatewayapi.object.Reference;
import dev.understudy.gatewayapi.translate.Report;
import dev.understudy.gatewayapi.translate.Report.ListenerReport;
import dev.understudy.gatewayapi.translate.Report.ParentReport;
import dev.understudy.gatewayapi.translate.StatusCondition;
import dev.understudy.pool.PoolId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What status is to say, by report and observed status. */
class StatusDocumentTest {
  private static final Instant NOW = Instant.parse("2026-05-01T10:00:00.123Z");
  private static final String US = "understudy.dev/gateway";
  private static final String GATEWAY_GROUP = "gateway.networking.k8s.io";
  private static final StatusCondition ACCEPTED =
      new StatusCondition("Accepted", true, "Accepted", "");
  private static final StatusCondition REFUSED =
      new StatusCondition("Accepted", false, "NoMatchingParent", "no listener");
  private static final Reference GATEWAY =
      new Reference(GATEWAY_GROUP, "Gateway", "infra", "web", null);
  private static final String PARENT =
      "group: gateway.networking.k8s.io, kind: Gateway, namespace: infra, name: web";

  private static JsonNode yaml(String text) {
    JsonNode read = JsonMapper.shared().valueToTree(new Yaml().load(text));
    return JsonMapper.shared().readTree(read.toString());
  }

  private static Report classReport(StatusCondition... conditions) {
    return new Report.OfClass(List.of(conditions), List.of());
  }

  private static Report route(ParentReport... parents) {
    return new Report.OfRoute(List.of(parents));
  }

  private static ParentReport at(String section, StatusCondition... conditions) {
    return new ParentReport(
        new ParentRef(GATEWAY, section.isEmpty() ? null : section, null, true),
        List.of(conditions));
  }

  private static String accepted(int generation, String since) {
    return ("{ type: Accepted, status: 'True', reason: Accepted, message: '',"
            + " observedGeneration: %d, lastTransitionTime: '%s' }")
        .formatted(generation, since);
  }

  private static final String LONG_AGO = "2026-01-01T00:00:00Z";
  private static final String JUST_NOW = "2026-05-01T10:00:00Z";

  static Stream<Arguments> rows() {
    String refused =
        "{ type: Accepted, status: 'False', reason: NoMatchingParent, message: no listener,"
            + " observedGeneration: 3, lastTransitionTime: '%s' }";
    String foreign =
        "{ type: example.com/Ready, status: 'True', reason: Ready, message: '',"
            + " lastTransitionTime: '2026-01-01T00:00:00Z' }";
    String pending =
        "{ type: Accepted, status: Unknown, reason: Pending, message: Waiting for controller,"
            + " lastTransitionTime: '1970-01-01T00:00:00Z' }";
    return Stream.of(
        Arguments.of(
            "a first condition has the time of now",
            classReport(ACCEPTED),
            "{}",
            "{ conditions: [ %s ], supportedFeatures: [] }".formatted(accepted(3, JUST_NOW))),
        Arguments.of(
            "the API's own preset is replaced",
            classReport(ACCEPTED),
            "{ conditions: [ %s ] }".formatted(pending),
            "{ conditions: [ %s ], supportedFeatures: [] }".formatted(accepted(3, JUST_NOW))),
        Arguments.of(
            "what is said already is not said again",
            classReport(ACCEPTED),
            "{ conditions: [ %s ] }".formatted(accepted(3, LONG_AGO)),
            ""),
        Arguments.of(
            "a newer generation keeps the time of the condition",
            classReport(ACCEPTED),
            "{ conditions: [ %s ] }".formatted(accepted(2, LONG_AGO)),
            "{ conditions: [ %s ], supportedFeatures: [] }".formatted(accepted(3, LONG_AGO))),
        Arguments.of(
            "another status has the time of now",
            classReport(REFUSED),
            "{ conditions: [ %s ] }".formatted(accepted(3, LONG_AGO)),
            "{ conditions: [ %s ], supportedFeatures: [] }".formatted(refused.formatted(JUST_NOW))),
        Arguments.of(
            "a condition of a later generation stays",
            classReport(REFUSED),
            "{ conditions: [ %s ] }".formatted(accepted(4, LONG_AGO)),
            ""),
        Arguments.of(
            "others' conditions stay where they stand",
            classReport(ACCEPTED),
            "{ conditions: [ %s, %s ] }".formatted(foreign, refused.formatted(LONG_AGO)),
            "{ conditions: [ %s, %s ], supportedFeatures: [] }"
                .formatted(foreign, accepted(3, JUST_NOW))),
        Arguments.of(
            "one of ours that holds no more goes",
            classReport(ACCEPTED),
            "{ conditions: [ %s, %s ] }"
                .formatted(
                    accepted(3, LONG_AGO),
                    accepted(3, LONG_AGO).replace("{ type: Accepted", "{ type: Programmed")),
            "{ conditions: [ %s ], supportedFeatures: [] }".formatted(accepted(3, LONG_AGO))),
        Arguments.of(
            "features are in the order of their names",
            new Report.OfClass(List.of(), List.of("TLSRoute", "Gateway", "HTTPRoute")),
            "{}",
            "{ conditions: [], supportedFeatures: [ { name: Gateway }, { name: HTTPRoute },"
                + " { name: TLSRoute } ] }"),
        Arguments.of(
            "a Gateway has its listeners and addresses, and listeners keep their times",
            new Report.OfGateway(
                List.of(ACCEPTED),
                List.of(
                    new ListenerReport(
                        "http",
                        List.of(new GroupKind(GATEWAY_GROUP, "HTTPRoute")),
                        2,
                        List.of(ACCEPTED))),
                List.of(new Address("IPAddress", "192.0.2.1")),
                1),
            "{ listeners: [ { name: gone }, { name: http, attachedRoutes: 1, conditions: [ %s ] } ] }"
                .formatted(accepted(2, LONG_AGO)),
            ("{ conditions: [ %s ], listeners: [ { name: http, supportedKinds: [ { group:"
                    + " gateway.networking.k8s.io, kind: HTTPRoute } ], attachedRoutes: 2,"
                    + " conditions: [ %s ] } ], addresses: [ { type: IPAddress, value: 192.0.2.1 }"
                    + " ], attachedListenerSets: 1 }")
                .formatted(accepted(3, JUST_NOW), accepted(3, LONG_AGO))),
        Arguments.of(
            "addresses that are gone are taken away",
            new Report.OfGateway(List.of(), List.of(), List.of(), 0),
            "{ addresses: [ { type: IPAddress, value: 192.0.2.1 } ], attachedListenerSets: 0 }",
            "{ conditions: [], listeners: [], addresses: [], attachedListenerSets: 0 }"),
        Arguments.of(
            "a ListenerSet has conditions and listeners",
            new Report.OfListenerSet(
                List.of(ACCEPTED),
                List.of(new ListenerReport("http", List.of(), 0, List.of(ACCEPTED)))),
            "{}",
            ("{ conditions: [ %1$s ], listeners: [ { name: http, supportedKinds: [],"
                    + " attachedRoutes: 0, conditions: [ %1$s ] } ] }")
                .formatted(accepted(3, JUST_NOW))),
        Arguments.of(
            "a route has an entry for each parent",
            route(at("", ACCEPTED), at("http", ACCEPTED)),
            "{}",
            ("{ parents: [ { parentRef: { %1$s }, controllerName: understudy.dev/gateway,"
                    + " conditions: [ %2$s ] }, { parentRef: { %1$s, sectionName: http },"
                    + " controllerName: understudy.dev/gateway, conditions: [ %2$s ] } ] }")
                .formatted(PARENT, accepted(3, JUST_NOW))),
        Arguments.of(
            "a reference without a namespace stays without one, and a port is told",
            route(new ParentReport(new ParentRef(GATEWAY, null, 80, false), List.of(ACCEPTED))),
            "{}",
            ("{ parents: [ { parentRef: { group: gateway.networking.k8s.io, kind: Gateway, name:"
                    + " web, port: 80 }, controllerName: understudy.dev/gateway, conditions: [ %s"
                    + " ] } ] }")
                .formatted(accepted(3, JUST_NOW))),
        Arguments.of(
            "others' parents stay where they stand, ours that are no more go",
            route(at("http", ACCEPTED)),
            ("{ parents: [ { parentRef: { %1$s }, controllerName: understudy.dev/gateway },"
                    + " { parentRef: { %1$s, sectionName: http }, controllerName: example.com/x },"
                    + " { parentRef: { %1$s, sectionName: http }, controllerName:"
                    + " understudy.dev/gateway, conditions: [ %2$s ] } ] }")
                .formatted(PARENT, accepted(3, LONG_AGO)),
            ("{ parents: [ { parentRef: { %1$s, sectionName: http }, controllerName:"
                    + " example.com/x }, { parentRef: { %1$s, sectionName: http },"
                    + " controllerName: understudy.dev/gateway, conditions: [ %2$s ] } ] }")
                .formatted(PARENT, accepted(3, LONG_AGO))),
        Arguments.of("a route that nobody says anything of stays so", route(), "{}", ""),
        Arguments.of(
            "a policy for TLS has an entry for each Gateway",
            new Report.OfBackendTls(List.of(at("", ACCEPTED))),
            "{ ancestors: [ { ancestorRef: { name: other }, controllerName: example.com/x } ] }",
            ("{ ancestors: [ { ancestorRef: { name: other }, controllerName: example.com/x },"
                    + " { ancestorRef: { %s }, controllerName: understudy.dev/gateway, conditions:"
                    + " [ %s ] } ] }")
                .formatted(PARENT, accepted(3, JUST_NOW))),
        Arguments.of(
            "a FailoverPolicy says who serves",
            new Report.OfFailover(List.of(ACCEPTED), new PoolId("sense")),
            "{ serving: sense-2, epoch: 6 }",
            "{ conditions: [ %s ], serving: sense-1, epoch: 7, since: '2026-04-01T00:00:00Z' }"
                .formatted(accepted(3, JUST_NOW))),
        Arguments.of(
            "a FailoverPolicy that says who serves is not written again",
            new Report.OfFailover(List.of(ACCEPTED), new PoolId("sense")),
            "{ conditions: [ %s ], serving: sense-1, epoch: 7, since: '2026-04-01T00:00:00Z' }"
                .formatted(accepted(3, LONG_AGO)),
            ""),
        Arguments.of(
            "a FailoverPolicy without a pool says nothing of one",
            new Report.OfFailover(List.of(REFUSED), null),
            "{ serving: sense-2, epoch: 6 }",
            "{ conditions: [ %s ], serving: null, epoch: null, since: null }"
                .formatted(refused.formatted(JUST_NOW))));
  }

  /** {@code next} is empty if nothing is to be written. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void status_says(String name, Report report, String observed, String next) {
    ServingState serving = new ServingState("sense-1", 7, Instant.parse("2026-04-01T00:00:00.5Z"));
    Optional<JsonNode> document =
        new StatusDocument(yaml(observed), 3, NOW, US)
            .of(report, serving)
            .map(each -> JsonMapper.shared().readTree(each.toString()));
    assertThat(document)
        .as(name)
        .isEqualTo(next.isEmpty() ? Optional.empty() : Optional.of(yaml(next)));
  }

  @Test
  void no_more_parents_are_written_than_the_api_takes() {
    ParentReport[] all =
        IntStream.range(0, 40).mapToObj(n -> at("l" + n, ACCEPTED)).toArray(ParentReport[]::new);
    JsonNode next = new StatusDocument(yaml("{}"), 1, NOW, US).of(route(all), null).orElseThrow();
    assertThat(next.path("parents")).hasSize(32);
  }

  @Test
  void documents_that_differ_in_times_are_alike() {
    JsonNode one = yaml(Map.of("conditions", accepted(1, LONG_AGO)).toString().replace("=", ": "));
    JsonNode two = yaml(Map.of("conditions", accepted(1, JUST_NOW)).toString().replace("=", ": "));
    assertThat(StatusDocument.withoutTimes(one)).isEqualTo(StatusDocument.withoutTimes(two));
    assertThat(one).isNotEqualTo(two);
  }
}
