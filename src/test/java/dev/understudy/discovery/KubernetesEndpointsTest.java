package dev.understudy.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.agreement.register.RegisterException;
import dev.understudy.kubernetes.KubernetesSettings;
import dev.understudy.monitor.Endpoint;
import dev.understudy.pool.Rank;
import dev.understudy.pool.RoleLabel;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.ServerTemplate;
import dev.understudy.testing.Await;
import dev.understudy.testing.LogCapture;
import dev.understudy.testing.TestServers;
import dev.understudy.testing.TestSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A Service is followed over real connections, whatever becomes of them. */
class KubernetesEndpointsTest {
  private static final String SLICES = "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices";
  private static final String BETA = SLICES.replace("/v1/", "/v1beta1/");
  private static final String PODS = "/api/v1/namespaces/shop/pods";
  private static final Duration LONG = Duration.ofMinutes(5);

  private final FakeCluster cluster = new FakeCluster();
  private final List<String> told = new CopyOnWriteArrayList<>();
  private @Nullable KubernetesEndpoints source;

  @AfterEach
  void close() {
    if (source != null) {
      source.close();
    }
    cluster.close();
  }

  private static String slice(String name, String... addresses) {
    StringBuilder endpoints = new StringBuilder();
    for (String each : addresses) {
      endpoints
          .append(endpoints.isEmpty() ? "" : ",")
          .append("{\"addresses\":[\"%s\"],".formatted(each))
          .append(
              "\"targetRef\":{\"kind\":\"Pod\",\"name\":\"p-%s\",\"uid\":\"u\"}}".formatted(each));
    }
    return "{\"metadata\":{\"name\":\"%s\"},\"ports\":[{\"port\":80}],\"endpoints\":[%s]}"
        .formatted(name, endpoints);
  }

  private static String pod(String address, String label) {
    return "{\"metadata\":{\"name\":\"p-%s\",\"uid\":\"u\",\"labels\":{\"role\":\"%s\"}}}"
        .formatted(address, label);
  }

  private KubernetesSettings settings() {
    return KubernetesSettings.of(
            new KubernetesSettings.Given("http://127.0.0.1:" + cluster.port(), "own", null, null),
            "u",
            "proxy-1",
            null,
            variable -> null,
            Path.of("/nowhere"))
        .withCallTimeout(Duration.ofSeconds(20));
  }

  private Runnable follow(@Nullable RoleLabel label, Duration watchTime) {
    source = new KubernetesEndpoints(this::settings, watchTime);
    return source.follow(template("web.shop", label), this::tell);
  }

  /** Follows a Service that has that endpoint. */
  private void begin(Duration watchTime) {
    cluster.list(SLICES, slice("a", "10.0.0.1"));
    follow(null, watchTime);
    awaitTold("10.0.0.1");
    awaitWatch(SLICES);
  }

  private static ServerTemplate template(String service, @Nullable RoleLabel label) {
    return new ServerTemplate(
        new ServerId("web"),
        TestSettings.address(false, service, 80),
        ServerTemplate.Records.ENDPOINTS,
        3,
        TestServers.settings(Rank.MASTER, OptionalInt.empty(), 1),
        Duration.ZERO,
        "",
        label);
  }

  private void tell(List<Endpoint> endpoints) {
    told.add(
        String.join(
            " ",
            endpoints.stream()
                .map(
                    each ->
                        each.address().getHostAddress()
                            + (each.label() == null ? "" : "=" + each.label()))
                .toList()));
  }

  private void awaitTold(String endpoints) {
    Await.until(endpoints, () -> !told.isEmpty() && told.getLast().equals(endpoints));
  }

  private void awaitWatch(String path) {
    Await.until("a watch", () -> cluster.isWatched(path));
  }

  @Test
  void what_is_listed_is_told_and_what_changes_later_too() throws Exception {
    cluster.list(SLICES, slice("a", "10.0.0.1"), slice("b", "10.0.0.2"));
    Runnable end = follow(null, LONG);
    awaitTold("10.0.0.1 10.0.0.2");
    awaitWatch(SLICES);
    cluster.event(SLICES, "MODIFIED", slice("a", "10.0.0.1", "10.0.0.3"));
    awaitTold("10.0.0.1 10.0.0.2 10.0.0.3");
    cluster.event(SLICES, "BOOKMARK", slice("", ""));
    cluster.event(SLICES, "DELETED", slice("b"));
    awaitTold("10.0.0.1 10.0.0.3");
    cluster.event(SLICES, "ADDED", slice("c", "10.0.0.4"));
    awaitTold("10.0.0.1 10.0.0.3 10.0.0.4");
    end.run();
    assertThat(cluster.requests).containsExactly("GET " + SLICES, "WATCH " + SLICES);
  }

  @Test
  void a_revision_that_is_gone_or_a_lost_watch_leads_to_another_list() throws Exception {
    begin(LONG);
    cluster.list(SLICES, slice("a", "10.0.0.2"));
    cluster.event(SLICES, "ERROR", "{\"code\":410,\"message\":\"too old\"}");
    awaitTold("10.0.0.2");
    Await.until("the next watch", () -> cluster.requests.size() == 4);
    awaitWatch(SLICES);
    cluster.list(SLICES, slice("a", "10.0.0.3"));
    cluster.cut(SLICES);
    awaitTold("10.0.0.3");
  }

  @Test
  void a_watch_that_says_nothing_is_followed_by_another_list_after_its_time() {
    cluster.list(SLICES, slice("a", "10.0.0.1"));
    follow(null, Duration.ofMillis(100));
    awaitTold("10.0.0.1");
    cluster.list(SLICES, slice("a", "10.0.0.2"));
    awaitTold("10.0.0.2");
  }

  @Test
  void while_a_list_fails_the_watch_goes_on() throws Exception {
    begin(Duration.ofMillis(100));
    cluster.refuse("GET " + SLICES, 429);
    long lists = cluster.lists(SLICES);
    Await.until("two failures", () -> cluster.lists(SLICES) >= lists + 3);
    cluster.event(SLICES, "MODIFIED", slice("a", "10.0.0.2"));
    awaitTold("10.0.0.2");
    cluster.list(SLICES, slice("a", "10.0.0.3"));
    cluster.refuse("GET " + SLICES, 0);
    awaitTold("10.0.0.3");
  }

  @Test
  void what_changes_during_a_list_is_not_undone_by_it() throws Exception {
    begin(Duration.ofMillis(100));
    CountDownLatch gate = cluster.holdLists();
    Await.until("a list", () -> cluster.isHolding);
    long lists = cluster.lists(SLICES);
    Await.until("the watch before it", () -> cluster.count("WATCH " + SLICES) == lists - 1);
    cluster.list(SLICES, slice("a", "10.0.0.2"));
    cluster.event(SLICES, "MODIFIED", slice("a", "10.0.0.2"));
    awaitTold("10.0.0.2");
    gate.countDown();
    Await.until("the next list", () -> cluster.lists(SLICES) > lists);
    assertThat(told).containsExactly("10.0.0.1", "10.0.0.2");
  }

  @Test
  void while_the_api_fails_nothing_is_told_and_it_is_asked_again() throws Exception {
    begin(LONG);
    cluster.refuse(SLICES, 500);
    cluster.cut(SLICES);
    Await.until("two failures", () -> cluster.lists(SLICES) >= 3);
    assertThat(told).containsExactly("10.0.0.1");
    cluster.list(SLICES, slice("a", "10.0.0.2"));
    cluster.refuse(SLICES, 0);
    awaitTold("10.0.0.2");
  }

  @Test
  void what_cannot_be_watched_is_listed_again_and_said_once() {
    cluster.list(SLICES, slice("a", "10.0.0.1"));
    cluster.refuse("WATCH " + SLICES, 403);
    try (LogCapture log = LogCapture.of(FollowedService.class, "cannot be watched")) {
      follow(null, LONG);
      Await.until("two lists", () -> cluster.lists(SLICES) >= 2);
      cluster.list(SLICES, slice("a", "10.0.0.2"));
      awaitTold("10.0.0.2");
      assertThat(log.events()).hasSize(1);
    }
  }

  @ParameterizedTest
  @CsvSource({"0, , 1", "1, , 2", "4, , 16", "5, , 30", "1000, , 30", "0, 45, 45", "5, 3, 30"})
  void pauses_grow_with_failures_and_last_as_long_as_the_api_asks(
      int before, @Nullable Integer asked, int pause) {
    RegisterException failure =
        new RegisterException(
            RegisterException.Reason.UNCERTAIN,
            "no",
            asked == null ? null : Duration.ofSeconds(asked),
            null);
    assertThat(Mirror.pause(before, failure)).hasSeconds(pause);
  }

  @Test
  void garbage_in_a_watch_or_a_list_is_a_failure() throws Exception {
    begin(LONG);
    cluster.list(SLICES, "nonsense");
    cluster.event(SLICES, "SPOKEN", "{}");
    Await.until("two failures", () -> cluster.lists(SLICES) >= 3);
    assertThat(told).containsExactly("10.0.0.1");
    cluster.list(SLICES, slice("a", "10.0.0.2"));
    awaitTold("10.0.0.2");
  }

  @Test
  void an_api_before_1_21_has_the_slices_in_another_version() {
    cluster.list(BETA, slice("a", "10.0.0.1"));
    follow(null, LONG);
    awaitTold("10.0.0.1");
    awaitWatch(BETA);
    assertThat(cluster.requests).containsExactly("GET " + SLICES, "GET " + BETA, "WATCH " + BETA);
  }

  @Test
  void labels_are_told_with_the_first_endpoints_and_when_they_change() throws Exception {
    cluster.list(SLICES, slice("a", "10.0.0.1", "10.0.0.2"));
    cluster.list(PODS, pod("10.0.0.1", "primary"), pod("10.0.0.2", "replica"));
    follow(new RoleLabel("role", "primary"), LONG);
    awaitTold("10.0.0.1=primary 10.0.0.2=replica");
    assertThat(told).hasSize(1);
    awaitWatch(PODS);
    cluster.event(PODS, "MODIFIED", pod("10.0.0.1", "replica"));
    awaitTold("10.0.0.1=replica 10.0.0.2=replica");
    cluster.event(PODS, "DELETED", pod("10.0.0.2", "replica"));
    awaitTold("10.0.0.1=replica 10.0.0.2");
  }

  @Test
  void without_the_right_to_see_pods_labels_are_not_known() {
    cluster.list(SLICES, slice("a", "10.0.0.1"));
    cluster.refuse(PODS, 403);
    follow(new RoleLabel("role", "primary"), LONG);
    awaitTold("10.0.0.1");
  }

  @Test
  void a_service_without_a_namespace_is_one_of_our_own() {
    source = new KubernetesEndpoints(this::settings, LONG);
    source.follow(template("web", null), this::tell);
    Await.until(
        "a call", () -> cluster.requests.contains("GET " + SLICES.replace("/shop/", "/own/")));
  }

  @Test
  void without_a_cluster_nothing_is_told_and_all_can_be_ended() {
    source =
        new KubernetesEndpoints(
            () -> {
              throw new IllegalArgumentException("no KUBERNETES_SERVICE_HOST");
            },
            LONG);
    source.follow(template("web", null), this::tell).run();
    source.close();
    source.follow(template("web", null), this::tell).run();
    assertThat(told).isEmpty();
  }
}
