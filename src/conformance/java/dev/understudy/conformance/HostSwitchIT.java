package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.scenario.AgreeingReplicas;
import dev.understudy.scenario.AgreeingReplicas.Ended;
import dev.understudy.scenario.NamedServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One command moves all pools that a host serves, at three replicas and under load. */
@Tag("timed")
class HostSwitchIT {
  private static final int POOLS = 100;
  private static final String LEFT = "127.0.0.1";
  private static final String OTHER = "127.0.0.2";

  @TempDir private Path folder;
  private final List<String> failures = Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger responses = new AtomicInteger();
  private volatile boolean over;

  private static String config(int left, int other) {
    return IntStream.range(0, POOLS)
            .mapToObj(
                i ->
                    """
                      p%d: { servers: { a: { url: "http://%s:%d" }, b: { url: "http://%s:%d", role: backup } } }
                    """
                        .formatted(i, LEFT, left, OTHER, other))
            .collect(Collectors.joining("", "pools:\n", "routes:\n"))
        + IntStream.range(0, POOLS)
            .mapToObj(
                i ->
                    "  - { id: r%d, uri: \"pool://p%d\", predicates: [\"Path=/p%d/**\"] }\n"
                        .formatted(i, i, i))
            .collect(Collectors.joining());
  }

  /** Asks all pools in turn, over and over. */
  private void load(int port) {
    HttpClient client = HttpClient.newHttpClient();
    for (int i = 0; !over; i = (i + 1) % POOLS) {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/p" + i + "/"))
              .timeout(Duration.ofSeconds(30))
              .build();
      try {
        HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
        responses.incrementAndGet();
        if (response.statusCode() != 200) {
          failures.add("p" + i + ": " + response.statusCode());
        }
      } catch (IOException | InterruptedException e) {
        failures.add("p" + i + ": " + e);
      }
    }
  }

  private static int served(AgreeingReplicas replicas, String server) {
    return replicas.all().stream()
        .mapToInt(
            replica -> {
              JsonNode pools =
                  JsonMapper.shared().readTree(replica.manage("/api/pools")).at("/pools");
              return (int)
                  pools
                      .valueStream()
                      .filter(each -> each.at("/serving").asString("").equals(server))
                      .count();
            })
        .min()
        .orElse(0);
  }

  @Test
  void every_pool_of_a_host_moves_one_after_another_and_no_request_is_lost() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        NamedServer left = NamedServer.start(LEFT, LEFT);
        NamedServer other = NamedServer.start(OTHER, OTHER)) {
      String config = config(left.port(), other.port());
      try (AgreeingReplicas replicas = AgreeingReplicas.start(folder, Map.of(), number -> config)) {
        Stage.until("the host serves all", () -> served(replicas, "a") == POOLS);
        replicas.all().forEach(each -> threads.execute(() -> load(each.port())));
        Stage.until("there is load", () -> responses.get() > POOLS);
        long began = System.nanoTime();
        Ended ended = replicas.run("switch", "--host", LEFT, "--planned");
        double seconds = (System.nanoTime() - began) / 1e9;
        over = true;
        assertThat(ended.status()).as(ended.out()).isZero();
        Stage.until("the other host serves all", () -> served(replicas, "b") == POOLS);
        assertThat(replicas.run("switch", "--host", LEFT, "--planned").out())
            .startsWith("nothing to change");
        System.out.printf(
            "%d pools at 3 replicas: %.1f s, %d responses, %d lost%n",
            POOLS, seconds, responses.get(), failures.size());
        assertThat(failures).isEmpty();
      } finally {
        over = true;
      }
    }
  }
}
