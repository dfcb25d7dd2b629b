package dev.understudy.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.FakeKubernetes;
import dev.understudy.testing.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Objects of the Gateway API in the built program. */
@Tag(Extent.SLOW)
class GatewayApiIT {
  private static final String SERVICE =
      """
      ---
      kind: Service
      metadata: { name: %1$s, namespace: shop }
      spec: { ports: [ { name: web, port: 8079 } ] }
      ---
      kind: EndpointSlice
      metadata: { name: %1$s-x, namespace: shop, labels: { kubernetes.io/service-name: %1$s } }
      ports: [ { name: web, port: %2$d } ]
      endpoints: [ { addresses: [ 127.0.0.1 ], targetRef: { kind: Pod, name: %1$s-0, uid: %1$s } } ]
      """;

  private static final String GATEWAY =
      """
      ---
      kind: GatewayClass
      metadata: { name: understudy }
      spec: { controllerName: understudy.dev/gateway }
      ---
      kind: Namespace
      metadata: { name: shop }
      ---
      kind: Gateway
      metadata: { name: web, namespace: shop }
      spec:
        gatewayClassName: understudy
        listeners: [ { name: http, port: 80, protocol: HTTP } ]
      """;

  private static final String ROUTE =
      """
      ---
      kind: HTTPRoute
      metadata: { name: sense, namespace: shop }
      spec:
        parentRefs: [ { name: web } ]
        hostnames: [ sense.example ]
        rules:
          - backendRefs: [ { name: sense-1, port: 8079 } ]
            filters: [ %s ]
      """;

  private static final String POLICY =
      """
      ---
      kind: FailoverPolicy
      metadata: { name: sense, namespace: shop }
      spec:
        targetRefs: [ { group: gateway.networking.k8s.io, kind: HTTPRoute, name: sense } ]
        servers:
          - { backendRef: { name: sense-1, port: 8079 }, role: master }
          - { backendRef: { name: sense-2, port: 8079 }, role: backup }
        health: { path: /status, interval: 200ms, fast-interval: 100ms, fall: %s }
        failback: { policy: manual }
      """;

  @TempDir private Path folder;
  @AutoClose private final FakeKubernetes cluster = new FakeKubernetes();
  @AutoClose private final TestServer one = new TestServer("one", call -> call.reply(200, "one"));
  @AutoClose private final TestServer two = new TestServer("two", call -> call.reply(200, "two"));
  private final int port;

  GatewayApiIT() throws IOException {
    port = Ports.free();
  }

  private Path config() throws IOException {
    return Files.writeString(
        folder.resolve("gateway.yaml"),
        "routes: [ { id: file, uri: \"no://op\", predicates: [\"Path=/**\"], filters:"
            + " [\"Respond=200, file\"] } ]\n");
  }

  private ProxyProcess start(String... arguments) throws Exception {
    return ProxyProcess.start(folder, config(), arguments);
  }

  private ProxyProcess startWithGateway(String... more) throws Exception {
    return start(withGateway(more));
  }

  private String[] withGateway(String... more) {
    List<String> arguments = new ArrayList<>(List.of(more));
    arguments.add("--understudy.gateway-api.enabled=true");
    arguments.add("--understudy.gateway-api.ports.80=" + port);
    arguments.add("--understudy.agreement.kubernetes.url=" + cluster.settings().url());
    arguments.add("--understudy.agreement.kubernetes.namespace=own");
    return arguments.toArray(String[]::new);
  }

  private String get(String host, String path) throws IOException {
    return HttpConnection.once(port, "GET", path, "Host: " + host).body();
  }

  /** Conditions as {@code Accepted=True/Accepted}, of the object itself or of its first parent. */
  private String conditions(String kind, String key) {
    JsonNode status = cluster.get(kind, key).path("status");
    JsonNode of = status.has("parents") ? status.path("parents").path(0) : status;
    return StreamSupport.stream(of.path("conditions").spliterator(), false)
        .map(
            each ->
                each.path("type").asString()
                    + "="
                    + each.path("status").asString()
                    + "/"
                    + each.path("reason").asString())
        .sorted()
        .collect(Collectors.joining(" "));
  }

  private void awaitConditions(String kind, String key, String expected) {
    Await.until(
        kind + " " + key + " says " + expected, () -> conditions(kind, key).equals(expected));
  }

  @Test
  void a_policy_fails_over_and_status_says_so() throws Exception {
    cluster.apply(
        GATEWAY
            + SERVICE.formatted("sense-1", one.port())
            + SERVICE.formatted("sense-2", two.port())
            + ROUTE.formatted("")
            + POLICY.formatted("2"));
    try (ProxyProcess proxy = startWithGateway()) {
      Await.until("the master serves", () -> get("sense.example", "/").equals("one"));
      assertThat(HttpConnection.once(port, "GET", "/", "Host: other.example").status())
          .isEqualTo(404);
      assertThat(HttpConnection.once(proxy.port(), "GET", "/").body()).isEqualTo("file");
      awaitConditions("GatewayClass", "understudy", "Accepted=True/Accepted");
      awaitConditions(
          "HTTPRoute", "shop/sense", "Accepted=True/Accepted ResolvedRefs=True/ResolvedRefs");
      awaitServing("sense-1");

      one.close();

      Await.until("the backup serves", () -> get("sense.example", "/").equals("two"));
      awaitServing("sense-2");
      Await.until(
          "an Event says so",
          () ->
              cluster.events().stream()
                  .anyMatch(
                      each ->
                          each.path("involvedObject")
                                  .path("kind")
                                  .asString()
                                  .equals("FailoverPolicy")
                              && each.path("message").asString().contains("sense-2")));
    }
  }

  private void awaitServing(String server) {
    Await.until(
        "the policy says that " + server + " serves",
        () ->
            cluster
                .get("FailoverPolicy", "shop/sense")
                .path("status")
                .path("serving")
                .asString("")
                .equals(server));
  }

  @Test
  void what_is_broken_stays_in_its_last_good_form_and_touches_nothing_else() throws Exception {
    cluster.apply(
        GATEWAY
            + SERVICE.formatted("sense-1", one.port())
            + SERVICE.formatted("sense-2", two.port())
            + ROUTE.formatted("")
            + POLICY.formatted("2")
            + ROUTE
                .formatted("")
                .replace("name: sense,", "name: other,")
                .replace("sense.example", "other.example"));
    try (ProxyProcess proxy = startWithGateway()) {
      Await.until(
          "both serve",
          () -> (get("sense.example", "/") + get("other.example", "/")).equals("oneone"));
      cluster.apply(POLICY.formatted("many"));
      awaitConditions(
          "FailoverPolicy", "shop/sense", "Accepted=False/Invalid ResolvedRefs=True/ResolvedRefs");
      cluster.apply(
          ROUTE.formatted(
              "{ type: RequestMirror, requestMirror: { backendRef: { name: sense-2, port: 8079 } }"
                  + " }"));
      awaitConditions(
          "HTTPRoute",
          "shop/sense",
          "Accepted=False/UnsupportedValue ResolvedRefs=True/ResolvedRefs");
      assertThat(get("sense.example", "/") + get("other.example", "/")).isEqualTo("oneone");

      one.close();
      Await.until("the backup serves", () -> get("sense.example", "/").equals("two"));
      cluster.delete("HTTPRoute", "shop/sense");
      Await.until(
          "the route is gone",
          () -> HttpConnection.once(port, "GET", "/", "Host: sense.example").status() == 404);
    }
  }

  @Test
  void its_ports_are_open_while_a_new_process_takes_over() throws Exception {
    cluster.apply(GATEWAY + SERVICE.formatted("sense-1", one.port()) + ROUTE.formatted(""));
    try (UpgradedProxy proxy = UpgradedProxy.start(folder, config(), withGateway())) {
      Await.until("the route is in force", () -> get("sense.example", "/").equals("one"));
      AtomicBoolean over = new AtomicBoolean();
      CompletableFuture<String> client =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  String body = "one";
                  while (!over.get() && body.equals("one")) {
                    body = get("sense.example", "/");
                  }
                  return body;
                } catch (IOException e) {
                  return e.toString();
                }
              });
      assertThat(proxy.upgrade()).returns(0, UpgradedProxy.Upgrade::status);
      Await.until("the first process has ended", () -> proxy.alive().size() == 1);
      over.set(true);
      assertThat(client.get()).isEqualTo("one");
    }
  }

  @Test
  void an_ingress_is_served_with_the_role_of_its_service_and_told_where_it_is() throws Exception {
    cluster.apply(
        SERVICE.formatted("sense-1", one.port())
            + SERVICE.formatted("sense-2", two.port())
            + POLICY
                .formatted("2")
                .replace(
                    "gateway.networking.k8s.io, kind: HTTPRoute, name: sense",
                    "'', kind: Service, name: sense-1")
            + """
            ---
            kind: Service
            metadata: { name: proxy, namespace: own }
            spec: { clusterIP: 10.0.0.1 }
            ---
            kind: Ingress
            metadata: { name: sense, namespace: shop }
            spec:
              ingressClassName: understudy
              rules:
                - host: sense.example
                  http:
                    paths:
                      - { path: /, pathType: Prefix, backend: { service: { name: sense-1, port: { name: web } } } }
                      - { path: /x, pathType: Exact, backend: { resource: { apiGroup: x.example, kind: Bucket, name: x } } }
            """);
    try (ProxyProcess proxy =
        startWithGateway(
            "--understudy.gateway-api.ingress=true", "--understudy.gateway-api.service=proxy")) {
      Await.until("the master serves", () -> get("sense.example", "/").equals("one"));
      assertThat(HttpConnection.once(port, "GET", "/x", "Host: sense.example").status())
          .isEqualTo(500);
      Await.until(
          "its status has the address",
          () ->
              cluster
                  .get("Ingress", "shop/sense")
                  .at("/status/loadBalancer/ingress/0/ip")
                  .asString("")
                  .equals("10.0.0.1"));
      Await.until(
          "an Event says what is wrong",
          () ->
              cluster.events().stream()
                  .anyMatch(
                      each ->
                          each.at("/involvedObject/kind").asString("").equals("Ingress")
                              && each.path("message").asString().contains("Bucket shop/x")));

      one.close();

      Await.until("the backup serves", () -> get("sense.example", "/").equals("two"));
      cluster.delete("Ingress", "shop/sense");
      Await.until("nobody listens", () -> isRefused());
    }
  }

  private boolean isRefused() {
    try {
      HttpConnection.once(port, "GET", "/", "Host: sense.example");
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  @Test
  void without_the_setting_no_class_for_it_is_loaded() throws Exception {
    try (ProxyProcess proxy = start("-Xlog:class+load:file=classes.log")) {
      assertThat(HttpConnection.once(proxy.port(), "GET", "/").body()).isEqualTo("file");
      proxy.terminate();
      assertThat(proxy.awaitEnd()).isTrue();
    }
    assertThat(Files.readString(folder.resolve("classes.log")))
        .contains("dev.understudy.reload.LiveConfiguration")
        .doesNotContain("dev.understudy.gatewayapi.", "dev.understudy.discovery.SharedSlices");
  }
}
