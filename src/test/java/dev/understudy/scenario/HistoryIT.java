package dev.understudy.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The history of the built jar over stops and SIGKILLs in the middle of writes. */
@Tag(Extent.SLOW)
class HistoryIT {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int KILLS = 3;
  private static final int RELOADS = 15;

  @TempDir private Path folder;
  private Path config;
  private Path journal;
  @AutoClose private ServerProcess server;
  @AutoClose private ProxyProcess proxy;

  @BeforeEach
  void start() throws Exception {
    server = ServerProcess.start("a", folder);
    config = folder.resolve("gateway.yaml");
    journal = folder.resolve("state.json.events");
    write(1);
    proxy = run();
  }

  private ProxyProcess run() throws Exception {
    return ProxyProcess.start(
        folder,
        config,
        "--understudy.state-file=" + folder.resolve("state.json"),
        "--understudy.drain.delay=0s");
  }

  private void write(int rise) throws IOException {
    Processes.replace(
        config,
        """
        pools:
          shop:
            servers: { a: { url: "%s", role: master } }
            health: { rise: %d }
        routes:
          - { id: all, uri: "pool://shop", predicates: ["Path=/**"] }
        """
            .formatted(server.url(), rise));
  }

  private List<JsonNode> events() {
    return JSON.readTree(proxy.manage("/api/events?limit=1000"))
        .path("events")
        .valueStream()
        .toList();
  }

  private static List<Long> ids(List<JsonNode> events) {
    return events.stream().map(event -> event.path("id").asLong()).toList();
  }

  private JsonNode last(String type) {
    return events().stream()
        .filter(event -> event.path("type").asString().equals(type))
        .reduce((earlier, later) -> later)
        .orElseThrow();
  }

  private List<String> timeline() {
    return JSON.readTree(proxy.manage("/api/pools/shop/timeline"))
        .path("segments")
        .valueStream()
        .map(each -> each.path("known").asBoolean() + " " + each.path("serving").asString("-"))
        .toList();
  }

  private void end() throws Exception {
    proxy.terminate();
    assertThat(proxy.awaitEnd()).isTrue();
  }

  private void awaitServing() {
    Await.until(
        "the pool is served",
        () -> proxy.manage("/api/pools/shop").contains("\"serving\" : \"a\""));
  }

  @Test
  void events_survive_a_stop_and_their_numbers_go_on() throws Exception {
    awaitServing();
    write(2);
    Await.until(
        "the change is told", () -> !last("configuration-applied").path("changes").isEmpty());
    assertThat(last("configuration-applied").path("changes").path(0).asString())
        .isEqualTo("pool shop: health.rise 1 → 2");
    List<JsonNode> before = events();
    end();
    proxy = run();
    awaitServing();

    List<JsonNode> after = events();
    assertThat(after).startsWith(before.toArray(JsonNode[]::new));
    assertThat(ids(after)).isSorted().doesNotHaveDuplicates().startsWith(1L);
    assertThat(after.get(before.size()).path("type").asString()).isEqualTo("stopped");
    JsonNode started = after.get(before.size() + 1);
    assertThat(started.path("type").asString()).isEqualTo("started");
    assertThat(started.path("lastEnd").asString()).isEqualTo("STOPPED");
    assertThat(started.path("version").asString()).isNotEmpty();
    assertThat(timeline()).containsExactly("true a", "false -", "true a");
    assertThat(proxy.manage("/api/events?format=text&limit=1000"))
        .contains("Z  -  stopped  Understudy stopped\n", "pool shop: health.rise 1 → 2\n");
    assertThat(proxy.manage("/actuator/prometheus"))
        .contains("understudy_history_writable 1.0", "understudy_history_damaged_lines 0.0");
  }

  @Test
  void a_kill_in_the_middle_of_writes_costs_the_last_moments_at_most() throws Exception {
    int rise = 1;
    for (int kill = 0; kill < KILLS; kill++) {
      List<Long> seen = List.of();
      for (int reload = 0; reload < RELOADS; reload++) {
        String change = "health.rise " + rise + " → " + ++rise;
        write(rise);
        Await.until(
            "it is told: " + change, () -> proxy.manage("/api/events?limit=50").contains(change));
        seen = ids(events());
      }
      List<String> onDisk = Files.readAllLines(journal);
      proxy.close();
      // As if the kill had hit the middle of a write.
      Files.writeString(journal, onDisk.getLast().substring(0, 50), StandardOpenOption.APPEND);
      proxy = run();
      awaitServing();

      List<JsonNode> after = events();
      assertThat(ids(after)).isSorted().doesNotHaveDuplicates();
      assertThat(after.size()).isGreaterThan(onDisk.size());
      assertThat(ids(after)).containsAll(seen.subList(0, onDisk.size()));
      assertThat(last("started").path("lastEnd").asString()).isEqualTo("CRASHED");
    }
    List<String> expected = new ArrayList<>(List.of("true a"));
    for (int kill = 0; kill < KILLS; kill++) {
      expected.addAll(List.of("false -", "true a"));
    }
    assertThat(timeline()).isEqualTo(expected);
    assertThat(proxy.manage("/actuator/prometheus"))
        .contains("understudy_history_damaged_lines 0.0");
  }

  /** An event as a follower sees it. */
  private record Seen(String id, String message) {
    long number() {
      return Long.parseLong(id.substring(id.indexOf('-') + 1));
    }

    String history() {
      return id.substring(0, id.indexOf('-'));
    }
  }

  /** What the stream has for a reader of that id, at least one event. */
  private List<Seen> missed(String lastSeen) throws IOException {
    List<Seen> seen = new ArrayList<>();
    URI uri =
        URI.create(
            "http://127.0.0.1:" + proxy.managementPort() + "/api/events/stream?after=" + lastSeen);
    JsonNode newest = JSON.readTree(proxy.manage("/api/events?limit=1")).path("events").path(0);
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(uri.toURL().openStream(), UTF_8))) {
      String id = "";
      while (seen.isEmpty() || seen.getLast().number() < newest.path("id").asLong()) {
        String line = lines.readLine();
        if (line.startsWith("id:")) {
          id = line.substring(3).strip();
        } else if (line.startsWith("data:")) {
          seen.add(new Seen(id, JSON.readTree(line.substring(5)).path("message").asString()));
        }
      }
    }
    return seen;
  }

  @Test
  void a_follower_over_kills_and_stops_gets_each_event_once() throws Exception {
    awaitServing();
    List<Seen> seen = missed("0");
    List<String> ends = new ArrayList<>();
    for (int run = 0; run < 2 * KILLS; run++) {
      boolean kill = run % 2 == 0;
      String change = "health.rise " + (run + 1) + " → " + (run + 2);
      write(run + 2);
      Await.until("it is on the disk: " + change, () -> Files.readString(journal).contains(change));
      if (kill) {
        proxy.close();
      } else {
        end();
      }
      proxy = run();
      awaitServing();

      Seen last = seen.getLast();
      List<Seen> after = missed(last.id());
      assertThat(after.getFirst().number()).isEqualTo(last.number() + 1);
      assertThat(after.getFirst().history()).isNotEqualTo(last.history());
      seen.addAll(after);
      ends.add(last("started").path("lastEnd").asString());
    }
    assertThat(String.join(" ", ends) + " ").isEqualTo("CRASHED STOPPED ".repeat(KILLS));
    assertThat(seen.stream().map(Seen::number)).isSorted().doesNotHaveDuplicates();
    assertThat(seen).hasSize((int) seen.getLast().number());
    assertThat(seen.stream().map(Seen::message).filter(text -> text.contains("health.rise")))
        .hasSize(2 * KILLS);
    assertThat(ids(events())).hasSize(seen.size());
    assertThat(JSON.readTree(proxy.manage("/api/events")).path("history").asString())
        .isEqualTo(seen.getLast().history());
  }

  @Test
  void a_file_that_is_removed_while_the_process_runs_is_whole_again() throws Exception {
    awaitServing();
    List<Long> before = ids(events());
    Files.delete(journal);
    write(2);
    Await.until(
        "all is written anew",
        () -> Files.exists(journal) && Files.readAllLines(journal).size() > before.size());
    proxy.close();
    proxy = run();

    assertThat(ids(events())).startsWith(before.toArray(Long[]::new)).doesNotHaveDuplicates();
    assertThat(JSON.readTree(proxy.manage("/api/process")).path("history").toString())
        .isEqualTo("{\"writable\":true,\"lost\":0,\"damagedLines\":0}");
  }

  @Test
  void a_second_process_with_the_same_file_keeps_its_events_in_memory() throws Exception {
    awaitServing();
    // Once the first process has given a sign of life.
    FileTime before = Files.getLastModifiedTime(journal);
    Await.until("a sign", () -> Files.getLastModifiedTime(journal).compareTo(before) > 0);
    List<Long> ids = ids(events());
    try (ProxyProcess second = run()) {
      Await.until("it is told", () -> second.log().contains("another process writes it"));
      assertThat(second.manage("/actuator/prometheus")).contains("understudy_history_writable 0.0");
    }
    assertThat(Files.readAllLines(journal)).hasSize(ids.size());
  }

  @Test
  void damaged_lines_are_skipped_and_counted() throws Exception {
    awaitServing();
    end();
    List<String> lines = new ArrayList<>(Files.readAllLines(journal));
    lines.set(1, lines.get(1).replace("pool", "fool"));
    Files.write(journal, lines);
    proxy = run();

    assertThat(ids(events())).startsWith(1L, 3L);
    assertThat(proxy.manage("/actuator/prometheus"))
        .contains("understudy_history_damaged_lines 1.0");
    assertThat(proxy.log()).contains("state.json.events has 1 damaged line, skipped");
  }
}
