package dev.understudy.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.kubernetes.KubernetesSettings;
import dev.understudy.monitor.Endpoint;
import dev.understudy.pool.Rank;
import dev.understudy.pool.RoleLabel;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.ServerTemplate;
import dev.understudy.testing.Await;
import dev.understudy.testing.LogCapture;
import dev.understudy.testing.Scenario;
import dev.understudy.testing.TestServers;
import dev.understudy.testing.TestSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A Service is followed over real connections, whatever becomes of them. */
class KubernetesEndpointsTest {
  private static final String SLICES = "/apis/discovery.k8s.io/v1/namespaces/shop/endpointslices";
  private static final String BETA = SLICES.replace("/v1/", "/v1beta1/");
  private static final String PODS = "/api/v1/namespaces/shop/pods";
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final Duration SOON = Duration.ofMillis(100);

  private final FakeCluster cluster = new FakeCluster();
  private final List<String> told = new CopyOnWriteArrayList<>();
  private @Nullable KubernetesEndpoints source;
  private Runnable end = () -> {};

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
          .append("{\"addresses\":[\"10.0.0.%s\"],".formatted(each))
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
    source = new KubernetesEndpoints(this::settings, null, watchTime, SOON);
    return source.follow(template("web.shop", label), this::tell);
  }

  /** Follows a Service that has that endpoint. */
  private void begin(Duration watchTime) {
    cluster.list(SLICES, slice("a", "1"));
    follow(null, watchTime);
    awaitTold("1");
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
                        each.address().getHostAddress().replace("10.0.0.", "")
                            + (each.label() == null ? "" : "=" + each.label()))
                .toList()));
  }

  private void awaitTold(String endpoints) {
    Await.until(endpoints, () -> !told.isEmpty() && told.getLast().equals(endpoints));
  }

  private void awaitWatch(String path) {
    Await.until("a watch", () -> cluster.isWatched(path));
  }

  /**
   * Slices as {@code NAME=ADDRESS,ADDRESS} and Pods as {@code ADDRESS=LABEL}, addresses by their
   * last numbers. {@code begun}: a Service is followed that has one endpoint; {@code soon}: its
   * watches are short.
   */
  @Scenario.Each(
      """
      what is listed is told, and what changes later too
        has slices a=1 b=2; follow; told 1 2; watched slices; event slices MODIFIED a=1,3
        told 1 2 3; event slices BOOKMARK =; event slices DELETED b; told 1 3
        event slices ADDED c=4; told 1 3 4; end; asked GET slices, WATCH slices
      a revision that is gone or a lost watch leads to another list
        begun; has slices a=2; event slices ERROR {"code":410,"message":"too_old"}; told 2
        asked GET slices, WATCH slices, GET slices, WATCH slices; watched slices
        has slices a=3; cut; told 3
      a watch that says nothing is followed by another list after its time
        has slices a=1; follow soon; told 1; has slices a=2; told 2
      while a list fails the watch goes on
        begun soon; refuse GET slices 429; lists 3; event slices MODIFIED a=2; told 2
        has slices a=3; refuse GET slices 0; told 3
      while the API fails nothing is told and it is asked again
        begun; refuse slices 500; cut; lists 2; only 1; has slices a=2; refuse slices 0; told 2
      garbage in a watch or a list is a failure
        begun; has slices nonsense!; event slices SPOKEN {}; lists 2; only 1; has slices a=2; told 2
      an API before 1.21 has the slices in another version
        has beta a=1; follow; told 1; watched beta; asked GET slices, GET beta, WATCH beta
      labels are told with the first endpoints and when they change
        has slices a=1,2; has pods 1=primary 2=replica; follow label; told 1=primary 2=replica
        only 1=primary 2=replica; watched pods; event pods MODIFIED 1=replica
        told 1=replica 2=replica; event pods DELETED 2=replica; told 1=replica 2
      without the right to see Pods labels are not known
        has slices a=1; refuse pods 403; follow label; told 1
      """)
  void a_service_is_followed(Scenario scenario) {
    scenario.play(this::step);
  }

  private void step(Scenario.Words words) throws Exception {
    String path = path(words.at(1));
    switch (words.at(0)) {
      case "begun" -> begin(words.at(1).equals("soon") ? SOON : LONG);
      case "has" -> cluster.list(path, objects(words, 2));
      case "follow" ->
          end =
              follow(
                  words.at(1).equals("label") ? new RoleLabel("role", "primary") : null,
                  words.at(1).equals("soon") ? SOON : LONG);
      case "end" -> end.run();
      case "told" -> awaitTold(words.from(1));
      case "only" -> assertThat(told).containsExactly(words.from(1));
      case "watched" -> awaitWatch(path);
      case "event" -> cluster.event(path, words.at(2), objects(words, 3)[0]);
      case "cut" -> cluster.cut(SLICES);
      case "refuse" -> {
        boolean lists = words.at(1).equals("GET");
        cluster.refuse(lists ? "GET " + SLICES : path, words.number(lists ? 3 : 2));
      }
      case "lists" -> {
        long more = cluster.lists(SLICES) + words.number(1);
        Await.until("more lists", () -> cluster.lists(SLICES) >= more);
      }
      case "asked" -> {
        List<String> all =
            Stream.of(words.from(1).split(", "))
                .map(each -> each.split(" ")[0] + " " + path(each.split(" ")[1]))
                .toList();
        Await.until("all calls", () -> cluster.requests.size() >= all.size());
        assertThat(cluster.requests).isEqualTo(all);
      }
      default -> throw new IllegalArgumentException(words.from(0));
    }
  }

  private static String path(String name) {
    return switch (name) {
      case "beta" -> BETA;
      case "pods" -> PODS;
      default -> SLICES;
    };
  }

  private static String[] objects(Scenario.Words words, int from) {
    return Stream.of(words.from(from).split(" "))
        .map(
            each -> {
              String[] parts = each.split("=", 2);
              if (each.endsWith("!") || each.startsWith("{")) {
                return each;
              }
              return words.at(1).equals("pods")
                  ? pod(parts[0], parts[1])
                  : slice(parts[0], parts.length > 1 ? parts[1].split(",") : new String[0]);
            })
        .toArray(String[]::new);
  }

  @Test
  void what_changes_during_a_list_is_not_undone_by_it() throws Exception {
    begin(SOON);
    CountDownLatch gate = cluster.holdLists();
    Await.until("a list", () -> cluster.isHolding);
    long lists = cluster.lists(SLICES);
    Await.until("the watch before it", () -> cluster.count("WATCH " + SLICES) == lists - 1);
    cluster.list(SLICES, slice("a", "2"));
    cluster.event(SLICES, "MODIFIED", slice("a", "2"));
    awaitTold("2");
    gate.countDown();
    Await.until("the next list", () -> cluster.lists(SLICES) > lists);
    assertThat(told).containsExactly("1", "2");
  }

  @Test
  void what_cannot_be_watched_is_listed_again_and_said_once() {
    cluster.list(SLICES, slice("a", "1"));
    cluster.refuse("WATCH " + SLICES, 403);
    try (LogCapture log = LogCapture.of(FollowedService.class, "cannot be watched")) {
      follow(null, LONG);
      Await.until("two lists", () -> cluster.lists(SLICES) >= 2);
      cluster.list(SLICES, slice("a", "2"));
      awaitTold("2");
      assertThat(log.events()).hasSize(1);
    }
  }

  @Test
  void a_service_without_a_namespace_is_one_of_our_own() {
    source = new KubernetesEndpoints(this::settings, null, LONG, SOON);
    source.follow(template("web", null), this::tell);
    Await.until(
        "a call", () -> cluster.requests.contains("GET " + SLICES.replace("/shop/", "/own/")));
  }

  @Test
  void settings_that_could_not_be_used_at_the_first_service_are_read_again() {
    cluster.list(SLICES, slice("a", "1"));
    AtomicInteger reads = new AtomicInteger();
    source =
        new KubernetesEndpoints(
            () -> {
              if (reads.incrementAndGet() < 4) {
                throw new IllegalArgumentException("there is no token yet");
              }
              return settings();
            },
            null,
            LONG,
            SOON);
    source.follow(template("web.shop", null), this::tell);
    awaitTold("1");
    assertThat(reads).hasValue(4);
  }

  @Test
  void without_a_cluster_nothing_is_told_and_all_can_be_ended() {
    source =
        new KubernetesEndpoints(
            () -> {
              throw new IllegalArgumentException("no KUBERNETES_SERVICE_HOST");
            },
            null,
            LONG,
            SOON);
    source.follow(template("web", null), this::tell).run();
    source.close();
    source.follow(template("web", null), this::tell).run();
    assertThat(told).isEmpty();
  }
}
