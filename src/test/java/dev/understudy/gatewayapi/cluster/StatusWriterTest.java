package dev.understudy.gatewayapi.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.deploy.Manifests;
import dev.understudy.event.Event;
import dev.understudy.failover.SwitchReason;
import dev.understudy.gatewayapi.object.ClusterObject;
import dev.understudy.gatewayapi.object.ClusterObjects;
import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.gatewayapi.object.ObjectReader;
import dev.understudy.gatewayapi.translate.ObjectId;
import dev.understudy.gatewayapi.translate.Report;
import dev.understudy.gatewayapi.translate.StatusCondition;
import dev.understudy.kubernetes.ApiOpening;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.testing.Await;
import dev.understudy.testing.FakeKubernetes;
import dev.understudy.testing.LogCapture;
import dev.understudy.testing.Scenario;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/**
 * Status is written over real connections. Each policy is reported as accepted, or as refused by
 * the word that the test has said.
 */
class StatusWriterTest {
  private static final String KIND = "FailoverPolicy";
  private static final String US = "understudy.dev/gateway";

  private final FakeKubernetes cluster = new FakeKubernetes();
  private final AtomicReference<ClusterObjects> newest =
      new AtomicReference<>(new ClusterObjects(Map.of()));

  /** Why a policy is refused, by its key. */
  private final Map<String, String> refused = new ConcurrentHashMap<>();

  private final List<LogCapture> logs = new ArrayList<>();
  private volatile boolean leading = true;
  private GatewayApiSource source;

  @BeforeEach
  void open() {
    logs.add(LogCapture.of(StatusWriter.class));
    source =
        new GatewayApiSource(
            cluster::settings,
            ClusterScope.ALL,
            US,
            () -> leading,
            Duration.ofMinutes(5),
            Duration.ofMillis(100));
    source.start(
        all -> {
          newest.set(all);
          report();
        });
    Await.until("watches", () -> cluster.watches() == 13);
  }

  @AfterEach
  void close() {
    source.close();
    cluster.close();
    logs.forEach(LogCapture::close);
  }

  private void report() {
    ClusterObjects of = newest.get();
    source.report(of, reports(of));
  }

  private Map<ObjectId, Report> reports(ClusterObjects of) {
    Map<ObjectId, Report> reports = new HashMap<>();
    for (ClusterObject each : of.all(ObjectKind.FAILOVER_POLICY, ClusterObject.class)) {
      String why = refused.get(each.key().toString());
      reports.put(
          new ObjectId(each.kind(), each.key()),
          new Report.OfFailover(
              List.of(
                  new StatusCondition("Accepted", why == null, why == null ? "Accepted" : why, "")),
              new PoolId("pool-" + each.key().name())));
    }
    return reports;
  }

  private static String policy(String key, String spec) {
    String[] parts = key.split("/");
    return """
    apiVersion: understudy.dev/v1alpha1
    kind: FailoverPolicy
    metadata: { namespace: %s, name: %s }
    spec: { hold: '%s' }
    """
        .formatted(parts[0], parts[1], spec);
  }

  /** The reason of the condition, and the generation that it is of. */
  private String said(String key) {
    JsonNode condition = cluster.get(KIND, key).path("status").path("conditions").path(0);
    return condition.path("reason").asString("")
        + " "
        + condition.path("observedGeneration").asInt(0);
  }

  @Scenario.Each(
      """
      what is reported is written, once
        has a/p; said a/p Accepted 1; report; report; has a/q; said a/q Accepted 1; patched 2
      a new generation is said
        has a/p; said a/p Accepted 1; has a/p other; said a/p Accepted 2; patched 2
      another report is said
        has a/p; said a/p Accepted 1; refuse a/p Invalid; said a/p Invalid 1
      who is not leading writes nothing, and all once it leads
        follow; has a/p; has a/q; seen a/q; lead; said a/p Accepted 1; said a/q Accepted 1; patched 2
      who leads no more writes nothing
        has a/p; said a/p Accepted 1; follow; refuse a/p Invalid; has b/end; seen b/end
        said a/p Accepted 1; patched 1
      what others wrote into our status is mended
        has a/p; said a/p Accepted 1; spoil a/p; said a/p Accepted 1; patched 2
      an object that has changed meanwhile is written once it is seen as it is
        has a/p; said a/p Accepted 1; echoed; silent; has a/p other; refuse a/p Invalid; patched 3
        said a/p Accepted 1; sound; said a/p Invalid 2; patched 4
      what may not be written is told of once for its kind
        forbid 403; has a/p; logged the status of no FailoverPolicy can be written; has a/q; seen a/q
        patched 1
      a refusal is told of once, and the same is not written again
        forbid 422; has a/p; logged the status of FailoverPolicy a/p is refused; report; has b/end
        seen b/end; logged the status of FailoverPolicy a/p is refused; forbid 0
        refuse a/p Invalid; said a/p Invalid 1
      while the API fails it is asked again
        forbid 429; has a/p; logged status cannot be written for now; forbid 0; said a/p Accepted 1
      an object of which the write fails is asked again
        fail a/p 500; has a/p; logged the status of FailoverPolicy a/p cannot be written for now
        fail a/p 0; said a/p Accepted 1
      while writes of one object fail those of others do not wait
        fail a/p 503 after; has a/p; logged the status of FailoverPolicy a/p cannot be written
        has a/q; said a/q Accepted 1; has b/p; said b/p Accepted 1
        logged the status of FailoverPolicy a/p cannot be written
      while there are too many calls no other is made
        fail a/p 429 after; has a/p; logged status cannot be written for now; has a/q; seen a/q
        patched 1
      an object that is gone is forgotten
        has a/p; said a/p Accepted 1; echoed; silent; gone a/p; refuse a/p Invalid; patched 3; sound
        has b/q; said b/q Accepted 1; patched 4
      an entry of ours at a route that is not ours any more is taken away
        left a/r; cleared a/r
      """)
  void status_is_written(Scenario scenario) {
    scenario.play(this::step);
  }

  private void step(Scenario.Words words) {
    String key = words.at(1);
    switch (words.at(0)) {
      case "has" -> cluster.apply(policy(key, words.at(2)));
      case "echoed" -> {
        // The watch tells of it after what was written before it.
        cluster.apply(policy("z/echo", ""));
        Await.until("an echo", () -> said("z/echo").equals("Accepted 1"));
      }
      case "gone" -> cluster.delete(KIND, key);
      case "refuse" -> {
        refused.put(key, words.at(2));
        report();
      }
      case "report" -> report();
      case "seen" -> awaitSeen(key);
      case "said" -> Await.until(words.from(1), () -> said(key).equals(words.from(2)));
      case "patched" -> {
        Await.until(words.from(0), () -> cluster.count("PATCH " + KIND) >= words.number(1));
        assertThat(cluster.count("PATCH " + KIND)).isEqualTo(words.number(1));
      }
      case "follow" -> leading = false;
      case "lead" -> leading = true;
      case "spoil" -> cluster.apply(policy(key, "") + "status: { serving: nonsense }\n");
      case "silent" -> cluster.silent(true);
      case "sound" -> cluster.silent(false);
      case "fail" -> {
        String fields = words.at(3).equals("after") ? "Retry-After: 600\r\n" : "";
        cluster.refuse("PATCH " + KIND + " " + key, words.number(2), fields);
      }
      case "forbid" -> cluster.refuse("PATCH " + KIND, words.number(1));
      case "logged" -> {
        Await.until(words.from(1), () -> logged(words.from(1)) > 0);
        assertThat(logged(words.from(1))).isEqualTo(1);
      }
      case "left" ->
          cluster.apply(
              """
              apiVersion: gateway.networking.k8s.io/v1
              kind: HTTPRoute
              metadata: { namespace: a, name: r }
              spec: {}
              status:
                parents:
                  - { parentRef: { name: x }, controllerName: understudy.dev/gateway }
                  - { parentRef: { name: x }, controllerName: example.com/other }
              """);
      case "cleared" ->
          Await.until(
              "no entry of ours",
              () ->
                  cluster.get("HTTPRoute", key).path("status").path("parents").size() == 1
                      && !StatusDocument.isIn(cluster.get("HTTPRoute", key).path("status"), US));
      default -> throw new IllegalArgumentException(words.from(0));
    }
  }

  private void awaitSeen(String key) {
    Await.until(
        key,
        () ->
            newest.get().all(ObjectKind.FAILOVER_POLICY, ClusterObject.class).stream()
                .anyMatch(each -> each.key().toString().equals(key)));
  }

  private long logged(String text) {
    return logs.getFirst().events().stream()
        .filter(each -> each.getFormattedMessage().contains(text))
        .count();
  }

  @Test
  void who_serves_is_said_and_told_as_an_event() {
    cluster.apply(policy("a/p", ""));
    Await.until("a status", () -> said("a/p").equals("Accepted 1"));
    PoolId pool = new PoolId("pool-p");
    source.serving(Map.of(pool, new ServingState("sense-1", 7, Instant.EPOCH)));
    Await.until(
        "who serves", () -> cluster.get(KIND, "a/p").path("status").path("epoch").asInt(0) == 7);
    Event switched =
        new Event.Switched(
            pool,
            null,
            new ServerId("sense-1"),
            SwitchReason.HEALTH_CHECK_FAILED,
            7,
            "silent",
            null,
            null,
            null,
            null,
            "Server sense-1 serves pool p");
    source.happened(switched, Instant.EPOCH);
    Await.until("an event", () -> !cluster.events().isEmpty());
    JsonNode event = cluster.events().getFirst();
    assertThat(event.path("reason").asString()).isEqualTo("HealthCheckFailed");
    assertThat(event.path("type").asString()).isEqualTo("Warning");
    assertThat(event.path("message").asString()).isEqualTo("Server sense-1 serves pool p");
    assertThat(event.path("involvedObject").path("uid"))
        .isEqualTo(cluster.get(KIND, "a/p").path("metadata").path("uid"));
  }

  @Test
  void of_states_only_those_that_are_others_are_looked_at() {
    List<String> looked = new ArrayList<>();
    try (ApiOpening opening =
        new ApiOpening("understudy-status", cluster::settings, Duration.ofSeconds(1), why -> {})) {
      StatusWriter writer =
          new StatusWriter(
              opening.api().join(),
              US,
              () -> true,
              id -> {
                looked.add(id.key().toString());
                return null;
              });
      ClusterObjects of =
          ClusterObjects.of(
              Stream.of("a/p", "a/q")
                  .map(each -> Manifests.parse(policy(each, "")).getFirst())
                  .map(each -> ObjectReader.read(ObjectKind.FAILOVER_POLICY, each))
                  .toList());
      writer.report(of, reports(of));
      assertThat(looked).containsExactlyInAnyOrder("a/p", "a/q");
      looked.clear();
      PoolId pool = new PoolId("pool-p");
      writer.serving(Map.of(pool, new ServingState("sense-1", 7, Instant.EPOCH)));
      writer.serving(Map.of(pool, new ServingState("sense-1", 7, Instant.EPOCH)));
      assertThat(looked).containsExactly("a/p");
      writer.serving(Map.of(pool, new ServingState("sense-1", 8, Instant.EPOCH)));
      writer.serving(Map.of());
      writer.serving(Map.of());
      assertThat(looked).containsExactly("a/p", "a/p", "a/p");
      writer.close();
    }
  }

  @Test
  void many_objects_are_written_one_after_the_other() {
    for (int i = 0; i < 30; i++) {
      cluster.apply(policy("a/p" + i, ""));
    }
    Await.until("the last", () -> cluster.count("PATCH " + KIND) == 30);
    for (int i = 0; i < 30; i++) {
      String key = "a/p" + i;
      Await.until(key, () -> said(key).equals("Accepted 1"));
    }
  }
}
