package dev.understudy.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.kubernetes.RetryPause;
import dev.understudy.monitor.Endpoint;
import dev.understudy.pool.Rank;
import dev.understudy.pool.RoleLabel;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.ServerTemplate;
import dev.understudy.testing.Await;
import dev.understudy.testing.FakeKubernetes;
import dev.understudy.testing.LogCapture;
import dev.understudy.testing.Scenario;
import dev.understudy.testing.TestServers;
import dev.understudy.testing.TestSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;

/** Many Services are followed by one list and one watch. */
class SharedSlicesTest {
  private final FakeKubernetes cluster = new FakeKubernetes();
  private final Map<String, List<String>> told = new ConcurrentHashMap<>();
  private final Map<String, Runnable> ends = new HashMap<>();
  private KubernetesEndpoints source = endpoints(List.of(), Duration.ofMinutes(5));

  private KubernetesEndpoints endpoints(List<String> together, Duration watchTime) {
    return new KubernetesEndpoints(cluster::settings, together, watchTime, RetryPause.FIRST);
  }

  @AfterEach
  void close() {
    source.close();
    cluster.close();
  }

  /**
   * Slices as {@code NAMESPACE/NAME SERVICE ADDRESS,ADDRESS}, addresses by their last numbers;
   * Services as {@code NAME.NAMESPACE}.
   */
  @Scenario.Each(
      """
      one list and one watch are enough for all Services
        has a/s1 web 1; has a/s2 web 2; has b/s1 web 3; follow web.a; follow web.b; follow none.a
        told web.a 1 2; told web.b 3; told none.a; asked 1; watched 1
        has b/s1 web 4; told web.b 4; often web.a 1; often none.a 1
      a Service that is followed later is told at once
        has a/s1 web 1; has a/s2 app 2; follow web.a; told web.a 1; follow app.a; told app.a 2
        asked 1
      a slice that goes to another Service is its own no more
        has a/s1 web 1; follow web.a; follow app.a; told web.a 1; told app.a; watched 1
        has a/s1 app 1; told app.a 1; told web.a
      a slice that is deleted is gone
        has a/s1 web 1; has a/s2 web 2; follow web.a; told web.a 1 2; watched 1; gone a/s1
        told web.a 2
      a Service that is not followed any more is told nothing
        has a/s1 web 1; follow web.a; follow app.a; told web.a 1; told app.a; watched 1; end web.a
        follow none.a; told none.a; has a/s1 web 2; has a/s2 app 2; told app.a 2; often web.a 1
      a Service of a namespace that is not watched as a whole has calls of its own
        together a; has a/s1 web 1; has b/s1 web 2; has a/s2 app 3; follow web.a; follow app.a
        follow web.b; told web.a 1; told app.a 3; told web.b 2; asked 2
      a Service of which labels count has calls of its own
        has a/s1 web 1; follow web.a; told web.a 1; asked 1; follow web.a label; asked 2
      without the right to list all it is said once and nothing is told
        refuse 403; has a/s1 web 1; follow web.a; logged; refuse 0; told web.a 1; often web.a 1
      """)
  void services_share_their_slices(Scenario scenario) {
    try (LogCapture log = LogCapture.of(SharedSlices.class, "cannot be read")) {
      scenario.play(words -> step(words, log));
    }
  }

  private void step(Scenario.Words words, LogCapture log) {
    String name = words.at(1);
    switch (words.at(0)) {
      case "together" -> source = endpoints(List.of(name), Duration.ofMinutes(5));
      case "has" -> cluster.apply(slice(name, words.at(2), words.at(3)));
      case "gone" -> cluster.delete("EndpointSlice", name);
      case "follow" -> ends.put(name, source.follow(template(name, words.at(2)), found(name)));
      case "end" -> ends.get(name).run();
      case "told" ->
          Await.until(
              words.from(1),
              () -> told.containsKey(name) && told.get(name).getLast().equals(words.from(2)));
      case "often" -> assertThat(told.get(name)).hasSize(words.number(2));
      case "asked" -> {
        Await.until(words.from(0), () -> cluster.count("GET EndpointSlice") >= words.number(1));
        assertThat(cluster.count("GET EndpointSlice")).isEqualTo(words.number(1));
      }
      case "watched" -> Await.until("watches", () -> cluster.watches() == words.number(1));
      case "refuse" -> cluster.refuse("GET EndpointSlice", words.number(1));
      case "logged" -> Await.until("a line", () -> log.events().size() == 1);
      default -> throw new IllegalArgumentException(words.from(0));
    }
  }

  private static String slice(String key, String service, String addresses) {
    String[] parts = key.split("/");
    String endpoints =
        Stream.of(addresses.split(","))
            .map(each -> "{ addresses: [ 10.0.0." + each + " ] }")
            .collect(Collectors.joining(", "));
    return """
    kind: EndpointSlice
    metadata:
      { namespace: %s, name: %s, labels: { kubernetes.io/service-name: %s } }
    ports: [ { port: 80 } ]
    endpoints: [ %s ]
    """
        .formatted(parts[0], parts[1], service, endpoints);
  }

  private static ServerTemplate template(String service, String label) {
    return new ServerTemplate(
        new ServerId("web"),
        TestSettings.address(false, service, 80),
        ServerTemplate.Records.ENDPOINTS,
        3,
        TestServers.settings(Rank.MASTER, OptionalInt.empty(), 1),
        Duration.ZERO,
        "",
        label.isEmpty() ? null : new RoleLabel("role", "primary"));
  }

  private Consumer<List<Endpoint>> found(String service) {
    return endpoints -> {
      String addresses =
          endpoints.stream()
              .map(each -> each.address().getHostAddress().replace("10.0.0.", ""))
              .collect(Collectors.joining(" "));
      told.merge(
          service,
          List.of(addresses),
          (all, next) -> Stream.concat(all.stream(), next.stream()).toList());
    };
  }
}
