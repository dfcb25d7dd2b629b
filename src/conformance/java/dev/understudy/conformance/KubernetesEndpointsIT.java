package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.discovery.KubernetesEndpoints;
import dev.understudy.kubernetes.KubernetesSettings;
import dev.understudy.monitor.Endpoint;
import dev.understudy.pool.Rank;
import dev.understudy.pool.RoleLabel;
import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.ServerAddress.Protocol;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.ServerTemplate;
import dev.understudy.scenario.KubernetesApi;
import dev.understudy.testing.Await;
import dev.understudy.testing.TestServers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A Service is followed at a real API server, with no rights but those that the chart gives. It is
 * one of before 1.21 or not: the slices are written in the version that it prefers.
 */
class KubernetesEndpointsIT {
  private static final String PODS = "/api/v1/namespaces/shop/pods";

  /** An API server that starts, and writes to a disk that others use, needs more than a second. */
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(10);

  @TempDir private static Path folder;
  private static KubernetesApi api;
  private static String version;
  private static String slices;

  @BeforeAll
  static void startApi() throws Exception {
    api = KubernetesApi.start(folder);
    version =
        JsonMapper.shared()
            .readTree(api.admin("GET", "/apis/discovery.k8s.io", ""))
            .at("/preferredVersion/groupVersion")
            .asString();
    slices = "/apis/" + version + "/namespaces/shop/endpointslices";
    api.createNamespace("shop");
    grant("slices", "discovery.k8s.io", "endpointslices");
    grant("pods", "", "pods");
  }

  @AfterAll
  static void stopApi() throws Exception {
    if (api != null) {
      api.close();
    }
  }

  private static void grant(String role, String group, String resource) throws Exception {
    String path = "/apis/rbac.authorization.k8s.io/v1/namespaces/shop";
    api.admin(
        "POST",
        path + "/roles",
        """
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "%s"},
         "rules": [{"apiGroups": ["%s"], "resources": ["%s"], "verbs": ["get", "list", "watch"]}]}
        """
            .formatted(role, group, resource));
    api.admin(
        "POST",
        path + "/rolebindings",
        """
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": {"name": "%1$s"},
         "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "%1$s"},
         "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "proxy"}]}
        """
            .formatted(role));
  }

  private static void slice(String method, String name, String service, String endpoints)
      throws Exception {
    JsonNode before =
        method.equals("PUT")
            ? JsonMapper.shared().readTree(api.admin("GET", slices + "/" + name, ""))
            : JsonMapper.shared().createObjectNode();
    String revision = before.at("/metadata/resourceVersion").asString("");
    api.admin(
        method,
        method.equals("PUT") ? slices + "/" + name : slices,
        """
        {"apiVersion": "%s", "kind": "EndpointSlice", "addressType": "IPv4",
         "metadata": {"name": "%s", "resourceVersion": "%s",
                      "labels": {"kubernetes.io/service-name": "%s"}},
         "ports": [{"name": "http", "port": 8080}, {"name": "metrics", "port": 9090}],
         "endpoints": [%s]}
        """
            .formatted(version, name, revision, service, endpoints));
  }

  private static String endpoint(String address, boolean ready, String pod, String uid) {
    return """
    {"addresses": ["%s"], "conditions": {"ready": %s},
     "targetRef": {"kind": "Pod", "namespace": "shop", "name": "%s", "uid": "%s"}}
    """
        .formatted(address, ready, pod, uid);
  }

  private static KubernetesEndpoints source(String user) {
    return new KubernetesEndpoints(
        () ->
            KubernetesSettings.of(
                    new KubernetesSettings.Given(
                        api.url(), "shop", api.tokenFile(user).toString(), api.caFile().toString()),
                    "understudy",
                    "proxy-1",
                    null,
                    variable -> null,
                    folder)
                .withCallTimeout(CALL_TIMEOUT));
  }

  private static ServerTemplate template(String service, RoleLabel label) {
    return new ServerTemplate(
        new ServerId("web"),
        new ServerAddress(Protocol.HTTP, false, service, 80),
        ServerTemplate.Records.ENDPOINTS,
        5,
        TestServers.settings(Rank.MASTER, OptionalInt.empty(), 1),
        Duration.ZERO,
        "http",
        label);
  }

  private static Consumer<List<Endpoint>> into(List<String> told) {
    return endpoints ->
        told.add(
            String.join(
                " ",
                endpoints.stream()
                    .map(
                        each ->
                            each.address().getHostAddress()
                                + ":"
                                + each.port()
                                + (each.state() == Endpoint.State.READY ? "" : "!")
                                + (each.label() == null ? "" : "=" + each.label()))
                    .toList()));
  }

  private static void awaitTold(List<String> told, String expected) {
    Await.until(expected + " of " + told, () -> !told.isEmpty() && told.getLast().equals(expected));
  }

  @Test
  void slices_that_are_edited_are_told_and_nothing_is_while_the_server_is_away() throws Exception {
    List<String> told = new CopyOnWriteArrayList<>();
    slice("POST", "web-a", "web", endpoint("10.1.0.1", true, "a", "1"));
    slice("POST", "other-a", "other", endpoint("10.2.0.1", true, "b", "2"));
    try (KubernetesEndpoints source = source(KubernetesApi.PROXY)) {
      source.follow(template("web", null), into(told));
      awaitTold(told, "10.1.0.1:8080");
      slice("POST", "web-b", "web", endpoint("10.1.0.2", true, "c", "3"));
      awaitTold(told, "10.1.0.1:8080 10.1.0.2:8080");
      slice("PUT", "web-a", "web", endpoint("10.1.0.1", false, "a", "1"));
      awaitTold(told, "10.1.0.1:8080! 10.1.0.2:8080");
      api.kill();
      api.start();
      api.admin("DELETE", slices + "/web-a", "");
      awaitTold(told, "10.1.0.2:8080");
      assertThat(told).hasSize(4);
    }
  }

  @Test
  void a_label_that_is_edited_is_told_with_its_pod() throws Exception {
    List<String> told = new CopyOnWriteArrayList<>();
    String pod =
        api.admin(
            "POST",
            PODS,
            """
            {"apiVersion": "v1", "kind": "Pod",
             "metadata": {"name": "pg-1", "labels": {"cnpg.io/instanceRole": "replica"}},
             "spec": {"containers": [{"name": "pg", "image": "pg"}]}}
            """);
    String uid = JsonMapper.shared().readTree(pod).at("/metadata/uid").asString();
    slice("POST", "pg-a", "pg", endpoint("10.3.0.1", true, "pg-1", uid));
    try (KubernetesEndpoints source = source(KubernetesApi.PROXY)) {
      source.follow(
          template("pg.shop", new RoleLabel("cnpg.io/instanceRole", "primary")), into(told));
      awaitTold(told, "10.3.0.1:8080=replica");
      api.admin(
          "PUT",
          PODS + "/pg-1",
          api.admin("GET", PODS + "/pg-1", "")
              .replace(
                  "\"cnpg.io/instanceRole\":\"replica\"", "\"cnpg.io/instanceRole\":\"primary\""));
      awaitTold(told, "10.3.0.1:8080=primary");
    }
  }

  @Test
  void without_rights_nothing_is_told() throws Exception {
    List<String> told = new CopyOnWriteArrayList<>();
    slice("POST", "shut-a", "shut", endpoint("10.4.0.1", true, "a", "1"));
    try (KubernetesEndpoints source = source(KubernetesApi.STRANGER);
        KubernetesEndpoints allowed = source(KubernetesApi.PROXY)) {
      List<String> seen = new CopyOnWriteArrayList<>();
      source.follow(template("shut", null), into(told));
      allowed.follow(template("shut", null), into(seen));
      awaitTold(seen, "10.4.0.1:8080");
      assertThat(told).isEmpty();
    }
  }
}
