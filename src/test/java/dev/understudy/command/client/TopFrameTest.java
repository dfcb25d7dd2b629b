package dev.understudy.command.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.status.JsonValue;
import dev.understudy.status.PoolView;
import dev.understudy.status.ReplicaView;
import dev.understudy.testing.Extent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** One picture of top, and what keys make of it. */
class TopFrameTest {
  private static final int HEAD = 4;

  private static ReplicaView overview(int well) {
    List<String> pools = new ArrayList<>();
    for (int i = 0; i < well; i++) {
      pools.add(pool("pool-%03d".formatted(i), "well", "null", "UP"));
    }
    pools.add(
        pool(
            "a-pool-with-a-name-of-forty-characters-ok",
            "nobody",
            "\"every server of this pool is DOWN, and this sentence is longer than a terminal is"
                + " wide\"",
            "DOWN"));
    String document =
        "{\"replica\":\"proxy-0\",\"now\":\"2026-11-21T18:00:00Z\",\"pools\":["
            + String.join(",", pools)
            + "]}";
    return ReplicaView.of(JsonValue.parse(document.getBytes(StandardCharsets.UTF_8)));
  }

  private static String pool(String name, String condition, String cause, String status) {
    return """
    {"name":"%s","condition":"%s","cause":%s,"severity":%d,"serving":"some-server-with-a-long-name",
     "since":"2026-11-21T17:00:00Z","requestsPerSecond":123456.7,"errorsPerSecond":0,
     "servers":[{"name":"one","url":"http://Host-%s:80","status":"%s","state":"maintenance","rank":"master",
       "serving":true,"p99Millis":12.5,"inFlight":3,"requestsPerSecond":0.04,"responses":{"5xx":1,"none":0.5}}]}
    """
        .formatted(name, condition, cause, condition.equals("well") ? 0 : 3, name, status);
  }

  private static TopView press(TopView view, ReplicaView overview, String keys) {
    TopView next = view;
    for (char c : keys.toCharArray()) {
      KeyPress key =
          switch (c) {
            case '\n' -> KeyPress.of(KeyPress.Kind.ENTER);
            case '\b' -> KeyPress.of(KeyPress.Kind.BACKSPACE);
            case '^' -> KeyPress.of(KeyPress.Kind.UP);
            case 'v' -> KeyPress.of(KeyPress.Kind.DOWN);
            case '!' -> KeyPress.of(KeyPress.Kind.ESCAPE);
            default -> new KeyPress(KeyPress.Kind.CHARACTER, c);
          };
      next = next.press(key, next.of(overview.pools()));
    }
    return next;
  }

  private static List<String> text(TopFrame frame) {
    return frame.lines().stream().map(TopLine::text).toList();
  }

  @Test
  void every_line_fits_into_80_columns_and_the_worst_pool_comes_first() {
    TopFrame frame = TopFrame.all(overview(30), "http://localhost:9090", TopView.FIRST, 80);
    assertThat(text(frame)).allMatch(line -> line.length() <= 80);
    assertThat(text(frame).subList(HEAD, HEAD + 3))
        .containsExactly(
            "a-pool-with-a-name-of~ nobody   some-server~  123.5k      0   12.5     3    1h0m",
            "  every server of this pool is DOWN, and this sentence is longer than a terminal",
            "pool-000               well     some-server~  123.5k      0   12.5     3    1h0m");
    assertThat(frame.lines().get(HEAD).style()).isEqualTo(TopLine.Style.NOBODY);
  }

  @Test
  void a_server_whose_checks_are_late_has_a_status_in_doubt() {
    String late =
        pool("shop", "degraded", "null", "UNKNOWN")
            .replace("\"status\"", "\"checks\":{\"late\":true},\"status\"");
    String document = "{\"pools\":[" + late + "]}";
    ReplicaView overview =
        ReplicaView.of(JsonValue.parse(document.getBytes(StandardCharsets.UTF_8)));
    TopFrame frame = TopFrame.all(overview, "", press(TopView.FIRST, overview, "\n"), 80);
    assertThat(text(frame).getLast())
        .isEqualTo(
            "  one *                UNKNOWN? maintenance      0.0    1.5   12.5     3  master");
  }

  @Tag(Extent.SLOW)
  @Test
  void enter_shows_the_servers_of_the_selected_pool() {
    ReplicaView overview = overview(2);
    TopView view = press(TopView.FIRST, overview, "v\n");
    TopFrame frame = TopFrame.all(overview, "", view, 80);
    assertThat(frame.selected()).isEqualTo(HEAD + 2);
    assertThat(text(frame).get(HEAD + 3))
        .isEqualTo(
            "  one *                UP       maintenance      0.0    1.5   12.5     3  master");
    assertThat(text(TopFrame.all(overview, "", press(view, overview, "\n"), 80)))
        .noneMatch(line -> line.contains("one *"));
  }

  @Tag(Extent.SLOW)
  @Test
  void selection_stays_within_the_pools_and_in_the_frame() {
    ReplicaView overview = overview(200);
    TopView last = press(TopView.FIRST, overview, "v".repeat(300));
    assertThat(last.selected()).isEqualTo("pool-199");
    TopFrame frame = TopFrame.all(overview, "", last, 80).fitted(23);
    assertThat(frame.lines()).hasSize(23);
    assertThat(frame.lines().get(frame.selected()).text()).startsWith("pool-199");
    TopView first = press(last, overview, "^".repeat(300));
    TopFrame top = TopFrame.all(overview, "", first, 80).fitted(23);
    assertThat(top.selected()).isEqualTo(HEAD);
    assertThat(text(top).get(HEAD)).startsWith("a-pool");
  }

  @Tag(Extent.SLOW)
  @Test
  void a_filter_finds_names_and_urls_and_escape_drops_it() {
    ReplicaView overview = overview(200);
    TopView byName = press(TopView.FIRST, overview, "/-17q\b\n");
    assertThat(byName.of(overview.pools())).hasSize(10);
    TopView byUrl = press(TopView.FIRST, overview, "/host-pool-042");
    assertThat(byUrl.of(overview.pools())).singleElement().returns("pool-042", PoolView::name);
    assertThat(text(TopFrame.all(overview, "", byUrl, 80)).get(0))
        .contains("filter: host-pool-042_");
    TopView none = press(TopView.FIRST, overview, "/nope");
    assertThat(text(TopFrame.all(overview, "", none, 80))).contains("no pool matches 'nope'");
    assertThat(press(none, overview, "!").of(overview.pools())).hasSize(201);
  }

  @Tag(Extent.SLOW)
  @Test
  void q_ends_it_unless_it_is_typed_into_the_filter() {
    ReplicaView overview = overview(1);
    assertThat(press(TopView.FIRST, overview, "q").ended()).isTrue();
    assertThat(press(TopView.FIRST, overview, "/q").ended()).isFalse();
    assertThat(press(TopView.FIRST, overview, "/q\nq").ended()).isTrue();
  }

  @Tag(Extent.SLOW)
  @Test
  void keys_are_read_as_terminals_send_them() throws Exception {
    int[] bytes = {27, '[', 'A', 27, 'O', 'B', 27, -1, 'x', 127, '\r', 27, '[', '5', '~', -1};
    int[] next = {0};
    KeyPress.Source source = () -> bytes[next[0]++];
    List<KeyPress.Kind> kinds = new ArrayList<>();
    while (next[0] < bytes.length) {
      kinds.add(KeyPress.read(source).kind());
    }
    assertThat(kinds).hasToString("[UP, DOWN, ESCAPE, CHARACTER, BACKSPACE, ENTER, NONE, NONE]");
  }
}
