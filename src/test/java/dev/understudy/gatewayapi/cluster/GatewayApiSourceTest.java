package dev.understudy.gatewayapi.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.understudy.deploy.Manifests;
import dev.understudy.gatewayapi.object.ClusterObject;
import dev.understudy.gatewayapi.object.ClusterObjects;
import dev.understudy.gatewayapi.object.ObjectKey;
import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.gatewayapi.object.Route;
import dev.understudy.gatewayapi.object.Secret;
import dev.understudy.testing.Await;
import dev.understudy.testing.FakeKubernetes;
import dev.understudy.testing.LogCapture;
import dev.understudy.testing.Rows;
import dev.understudy.testing.Scenario;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** All kinds are followed over real connections, whatever becomes of them. */
class GatewayApiSourceTest {
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final Duration SOON = Duration.ofMillis(200);

  private final FakeKubernetes cluster = new FakeKubernetes();
  private final List<ClusterObjects> told = new CopyOnWriteArrayList<>();
  private final List<LogCapture> logs = new ArrayList<>();
  private @Nullable GatewayApiSource source;

  @AfterEach
  void close() {
    if (source != null) {
      source.close();
    }
    cluster.close();
    logs.forEach(LogCapture::close);
  }

  private void begin(ClusterScope scope, Duration watchTime) {
    source =
        new GatewayApiSource(
            cluster::settings, scope, "understudy.dev/gateway", () -> true, watchTime, SOON);
    source.start(told::add);
  }

  /** An object of a kind, as small as it may be; a route has the name as its host. */
  private static String object(String kind, String key, String word) {
    String[] parts = key.split("/");
    ObjectKind of =
        Stream.of(ObjectKind.values()).filter(e -> e.kind().equals(kind)).findFirst().orElseThrow();
    String namespace = parts.length > 1 ? ", namespace: " + parts[0] : "";
    String rest =
        switch (of) {
          case HTTP_ROUTE -> "spec: { hostnames: [ %s ] }".formatted(word);
          case SECRET -> "{ type: kubernetes.io/tls, data: { tls.crt: YQ== } }";
          case CONFIG_MAP -> "data: { ca.crt: a, other: b }";
          case BACKEND_TLS_POLICY -> "spec: { targetRefs: [ { kind: Service, name: a } ] }";
          default -> "spec: {}";
        };
    return """
    { apiVersion: %s, kind: %s, metadata: { name: %s%s }, %s }
    """
        .formatted(
            of.apiVersion(),
            kind,
            parts[parts.length - 1],
            namespace,
            rest.startsWith("{") ? rest.substring(1, rest.length() - 1) : rest);
  }

  private String keys(String kind) {
    return keys(told.getLast(), kind);
  }

  private static String keys(ClusterObjects all, String kind) {
    ObjectKind of =
        Stream.of(ObjectKind.values()).filter(e -> e.kind().equals(kind)).findFirst().orElseThrow();
    return all.all(of, ClusterObject.class).stream()
        .map(each -> each.key().toString())
        .sorted()
        .collect(Collectors.joining(" "));
  }

  private void awaitTold(String kind, String keys) {
    Await.until(kind + " " + keys, () -> !told.isEmpty() && keys(kind).equals(keys));
  }

  private String host(String key) {
    String[] parts = key.split("/");
    Route route =
        told.getLast().get(ObjectKind.HTTP_ROUTE, new ObjectKey(parts[0], parts[1]), Route.class);
    return route == null || route.hostnames().isEmpty() ? "" : route.hostnames().getFirst();
  }

  @Scenario.Each(
      """
      what is there is told once all kinds are listed, and what changes later too
        has Service a/x; has HTTPRoute a/r one; begin; told Service a/x; told HTTPRoute a/r; times 1
        watched 13; has Service b/y; told Service a/x b/y; has HTTPRoute a/r two; host a/r two
        gone Service a/x; told Service b/y
      a change of what others say of an object is none
        has HTTPRoute a/r one; begin; told HTTPRoute a/r; watched 13; touch HTTPRoute a/r
        has HTTPRoute b/r one; told HTTPRoute a/r b/r; times 2
      but for the addresses of a Gateway, which say where it is
        has Gateway a/g; begin; told Gateway a/g; watched 13; touch Gateway a/g; touch Gateway a/g 192.0.2.1
        times 2
      a list of several pages is one
        page 2; has Service a/1; has Service a/2; has Service b/1; has Service b/2; has Service c/1
        begin; told Service a/1 a/2 b/1 b/2 c/1; asked GET Service 3
      a kind that may not be read has nothing, and no other is concerned
        has Service a/x; has Secret a/s; refuse GET Secret 403; begin; told Service a/x
        told Secret; logged Secret secrets cannot be read
      a kind that may not be read any more keeps what is known
        has Secret a/s; begin soon; told Secret a/s; refuse GET Secret 403; refuse WATCH Secret 403
        cut; has Service a/x; told Service a/x; told Secret a/s
      a kind whose definition is not installed has nothing
        has Service a/x; unserve TLSRoute; begin; told Service a/x; told TLSRoute
      grants of an earlier version count where there is no other
        unserve ReferenceGrant; has Service a/x; begin; told Service a/x
      a server that has too much to do is asked again when it says
        has Service a/x; refuse GET Service 429 after; begin; logged Service services cannot be read
        refuse GET Service 0; told Service a/x
      while one kind fails others are not told
        has Service a/x; has HTTPRoute a/r one; refuse GET HTTPRoute 500; begin
        logged HTTPRoute nothing is put into force before they can be; refuse GET HTTPRoute 0
        told Service a/x; first HTTPRoute a/r
      a token that is not taken for one kind is a failure
        has Service a/x; has HTTPRoute a/r one; refuse GET HTTPRoute 401; begin
        logged HTTPRoute nothing is put into force before they can be; refuse GET HTTPRoute 0
        told Service a/x; first HTTPRoute a/r
      without the right to read policies of failover nothing is told
        has Service a/x; has FailoverPolicy a/p; refuse GET FailoverPolicy 403; begin
        logged FailoverPolicy nothing is put into force before they can be
        refuse GET FailoverPolicy 0; told Service a/x; first FailoverPolicy a/p
      without the right to read policies of TLS nothing is told
        has Service a/x; has BackendTLSPolicy a/p; refuse GET BackendTLSPolicy 403; begin
        logged BackendTLSPolicy nothing is put into force before they can be
        refuse GET BackendTLSPolicy 0; told Service a/x; first BackendTLSPolicy a/p
      policies that are not installed are not waited for
        has Service a/x; unserve FailoverPolicy; unserve BackendTLSPolicy; begin; told Service a/x
      a revision that is gone leads to another list
        has Service a/x; begin; told Service a/x; watched 13; bookmark; silent; has Service a/y
        compact; end; sound; told Service a/x a/y; asked GET Service 2
      an API that is gone and comes back leaves all as it was meanwhile
        has Service a/x; begin; told Service a/x; watched 13; away; failing Service; only Service a/x
        back; has Service a/y; told Service a/x a/y
      a watch that hangs is followed by a list
        has Service a/x; begin soon; told Service a/x; silent; has Service a/y; told Service a/x a/y
      a watch that ends in order after a bookmark goes on from there
        has Service a/x; begin; told Service a/x; watched 13; bookmark; end; watched 13
        asked GET Service 1; has Service a/y; told Service a/x a/y; asked GET Service 1
      an object that cannot be read counts as it was, and is told of once
        has HTTPRoute a/r one; begin; told HTTPRoute a/r; watched 13; broken HTTPRoute a/r
        has HTTPRoute b/r two; told HTTPRoute a/r b/r; host a/r one
        logged HTTPRoute HTTPRoute a/r cannot be read; has HTTPRoute a/r three; host a/r three
      authorities are watched once a policy refers to some
        has ConfigMap a/ca; begin; told ConfigMap; asked GET ConfigMap 0; watched 13
        has BackendTLSPolicy a/p; told BackendTLSPolicy a/p; told ConfigMap a/ca
      only certificates are asked for among Secrets
        has Secret a/s; plain a/password; begin; told Secret a/s
      with namespaces each has its own lists
        has Service a/x; has Service b/y; has Service c/z; begin in a,b; told Service a/x b/y
        asked GET Service 2; asked GET GatewayClass 1
      """)
  void a_cluster_is_followed(Scenario scenario) {
    logs.add(LogCapture.of(MirroredKind.class, ""));
    scenario.play(this::step);
  }

  private void step(Scenario.Words words) throws Exception {
    switch (words.at(0)) {
      case "has" -> cluster.apply(object(words.at(1), words.at(2), words.at(3)));
      case "gone" -> cluster.delete(words.at(1), words.at(2));
      case "touch" ->
          cluster.apply(
              object(words.at(1), words.at(2), "one").strip().replaceAll("}$", "")
                  + ", status: { parents: [], addresses: [ %s ] } }".formatted(words.at(3)));
      case "broken" ->
          cluster.apply(
              object(words.at(1), words.at(2), "x")
                  .replaceFirst("spec: .*", "spec: { parentRefs: [ { kind: Gateway } ] } }"));
      case "plain" ->
          cluster.apply(object("Secret", words.at(1), "").replace("kubernetes.io/tls", "Opaque"));
      case "begin" ->
          begin(
              words.at(1).equals("in")
                  ? new ClusterScope(List.of(words.at(2).split(",")), List.of(), List.of(), false)
                  : ClusterScope.ALL,
              words.at(1).equals("soon") ? SOON : LONG);
      case "told" -> awaitTold(words.at(1), words.from(2));
      case "first" -> assertThat(keys(told.getFirst(), words.at(1))).isEqualTo(words.from(2));
      case "only" -> assertThat(keys(words.at(1))).isEqualTo(words.from(2));
      case "host" -> Await.until(words.from(1), () -> host(words.at(1)).equals(words.at(2)));
      case "times" -> {
        Await.until(words.from(0), () -> told.size() >= words.number(1));
        assertThat(told).hasSize(words.number(1));
      }
      case "watched" -> Await.until("watches", () -> cluster.watches() == words.number(1));
      case "page" -> cluster.page(words.number(1));
      case "asked" -> {
        String what = words.at(1) + " " + words.at(2);
        Await.until(words.from(0), () -> cluster.count(what) >= words.number(3));
        assertThat(cluster.count(what)).isEqualTo(words.number(3));
      }
      case "failing" -> {
        String what = words.at(1);
        Await.until(what, () -> logged("services cannot be read"));
      }
      case "logged" -> Await.until(words.from(2), () -> logged(words.from(2)));
      case "refuse" -> {
        String what = words.at(1) + " " + words.at(2);
        if (words.at(4).equals("after")) {
          cluster.refuse(what, words.number(3), "Retry-After: 1\r\n");
        } else {
          cluster.refuse(what, words.number(3));
        }
      }
      case "unserve" -> cluster.serve(words.at(1), false);
      case "silent" -> cluster.silent(true);
      case "sound" -> cluster.silent(false);
      case "compact" -> cluster.compact();
      case "cut" -> cluster.cutWatches();
      case "end" -> {
        cluster.endWatches();
        Await.until("no watch", () -> cluster.watches() == 0);
      }
      case "bookmark" -> cluster.bookmark();
      case "away" -> cluster.gone(true);
      case "back" -> cluster.gone(false);
      default -> throw new IllegalArgumentException(words.from(0));
    }
  }

  private boolean logged(String text) {
    return logs.getFirst().events().stream()
            .filter(each -> each.getFormattedMessage().contains(text))
            .count()
        == 1;
  }

  @Test
  @Tag("slow")
  void a_kind_that_fails_is_waited_for_however_often_it_does() {
    cluster.apply(object("HTTPRoute", "a/r", "one"));
    cluster.refuse("GET HTTPRoute", 503);
    begin(ClusterScope.ALL, LONG);
    Await.until("four lists", () -> cluster.count("GET HTTPRoute") == 4);
    cluster.refuse("GET HTTPRoute", 0);
    awaitTold("HTTPRoute", "a/r");
    assertThat(keys(told.getFirst(), "HTTPRoute")).isEqualTo("a/r");
  }

  @Test
  @Tag("slow")
  void a_kind_that_is_installed_later_is_found() {
    cluster.serve("HTTPRoute", false);
    begin(ClusterScope.ALL, LONG);
    awaitTold("HTTPRoute", "");
    cluster.serve("HTTPRoute", true);
    cluster.apply(object("HTTPRoute", "a/r", "one"));
    awaitTold("HTTPRoute", "a/r");
  }

  @Test
  @Tag("slow")
  void pages_that_are_too_large_become_smaller() {
    String large = "x".repeat(1 << 20);
    StringBuilder keys = new StringBuilder();
    for (int i = 10; i < 28; i++) {
      cluster.apply(
          object("Service", "a/s" + i, "")
              .replace("metadata: {", "metadata: { annotations: { note: " + large + " },"));
      keys.append(keys.isEmpty() ? "" : " ").append("a/s").append(i);
    }
    begin(ClusterScope.ALL, LONG);
    awaitTold("Service", keys.toString());
  }

  @Rows(
      """
      # a change that counts for nothing makes no other object
      Service   | metadata: { resourceVersion: '8' }                | true
      Service   | metadata: { annotations: { a: b } }               | true
      Service   | metadata: { managedFields: [ { manager: m } ] }   | true
      Service   | status: { conditions: [ { type: a } ] }           | true
      Service   | status: { loadBalancer: { ingress: [ { ip: 192.0.2.1 } ] } } | false
      Service   | spec: { ports: [ { port: 81 } ] }                 | false
      Service   | metadata: { labels: { a: b } }                    | false
      Secret    | metadata: { resourceVersion: '8' }                | true
      Secret    | data: { other: YQ== }                             | true
      Secret    | data: { tls.crt: YQ== }                           | false
      ConfigMap | data: { other: a }                                | true
      ConfigMap | data: { ca.crt: a }                               | false
      Namespace | status: { phase: Active }                         | true
      Namespace | metadata: { labels: { a: b } }                    | false
      ReferenceGrant | metadata: { resourceVersion: '8' }           | true
      Gateway   | metadata: { resourceVersion: '8' }                | false
      HTTPRoute | status: { parents: [ ] }                          | false
      """)
  void a_change_that_counts_for_nothing_makes_no_other_object(
      String kind, String change, boolean same) {
    ObjectKind of =
        Stream.of(ObjectKind.values()).filter(e -> e.kind().equals(kind)).findFirst().orElseThrow();
    String rest = change.startsWith("metadata: {") ? "" : ", " + change;
    String metadata = rest.isEmpty() ? change.substring(11, change.length() - 1) + "," : "";
    ClusterObject before = MirroredKind.read(of, json("{ metadata: { name: x } }"));
    ClusterObject now =
        MirroredKind.read(of, json("{ metadata: { " + metadata + " name: x }" + rest + " }"));
    assertThat(now.equals(before)).isEqualTo(same);
  }

  private static JsonNode json(String yaml) {
    return Manifests.parse(yaml).getFirst();
  }

  @Test
  void of_secrets_and_config_maps_only_what_counts_is_kept() {
    String large = "x".repeat(1 << 19);
    for (int i = 0; i < 10; i++) {
      cluster.apply(
          """
          { apiVersion: v1, kind: Secret, type: kubernetes.io/tls,
            metadata: { namespace: a, name: s%d, annotations: { large: %s } },
            data: { tls.crt: YQ==, tls.key: Yg==, ca.crt: %s } }
          """
              .formatted(i, large, large));
    }
    begin(ClusterScope.ALL, LONG);
    Await.until("all of them", () -> !told.isEmpty() && keys("Secret").split(" ").length == 10);
    Secret secret = told.getLast().get(ObjectKind.SECRET, new ObjectKey("a", "s0"), Secret.class);
    assertThat(secret).isNotNull();
    assertThat(secret.data()).containsOnly(entry("tls.crt", "a"), entry("tls.key", "b"));
  }

  @Test
  void a_burst_is_told_a_few_times_and_the_newest_wins_while_one_is_put_into_force()
      throws Exception {
    CountDownLatch busy = new CountDownLatch(1);
    source =
        new GatewayApiSource(
            cluster::settings, ClusterScope.ALL, "understudy.dev/gateway", () -> true, LONG, SOON);
    source.start(
        all -> {
          told.add(all);
          try {
            busy.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    Await.until("the first", () -> told.size() == 1);
    Await.until("watches", () -> cluster.watches() == 13);
    IntStream.range(0, 500).forEach(n -> cluster.apply(object("Service", "a/s" + n, "")));
    Await.until("all of them wait", () -> services(source.waiting()) == 500);
    busy.countDown();
    Await.until("all of them", () -> services(told.getLast()) == 500);
    assertThat(told).hasSize(2);
  }

  private static int services(@Nullable ClusterObjects all) {
    return all == null ? 0 : all.all(ObjectKind.SERVICE, ClusterObject.class).size();
  }

  @Test
  void a_consumer_that_fails_gets_the_next_objects_all_the_same() {
    try (LogCapture log = LogCapture.of(GatewayApiSource.class, "could not be put into force")) {
      source =
          new GatewayApiSource(
              cluster::settings,
              ClusterScope.ALL,
              "understudy.dev/gateway",
              () -> true,
              LONG,
              SOON);
      source.start(
          all -> {
            told.add(all);
            throw new IllegalStateException("refused");
          });
      Await.until("the first", () -> told.size() == 1);
      Await.until("watches", () -> cluster.watches() == 13);
      cluster.apply(object("Service", "a/x", ""));
      awaitTold("Service", "a/x");
      Await.until("both are logged", () -> log.events().size() == 2);
    }
  }

  @ParameterizedTest(name = "{1} ms after the last: in {2} ms")
  @CsvSource({"0, 1000, 50", "0, 250, 50", "0, 200, 50", "0, 100, 150", "0, 0, 250"})
  void changes_are_told_after_a_moment_and_not_more_often_than_four_times_a_second(
      long last, long now, long pause) {
    assertThat(ClusterMirrors.pause(now * 1_000_000, last * 1_000_000))
        .isEqualTo(Duration.ofMillis(pause));
  }
}
