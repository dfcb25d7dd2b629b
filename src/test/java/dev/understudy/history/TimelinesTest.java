package dev.understudy.history;

import static dev.understudy.history.Sample.SHOP;
import static dev.understudy.history.Sample.at;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.event.Event;
import dev.understudy.event.EventLog;
import dev.understudy.event.ReplicaEvent;
import dev.understudy.event.ServerEvent;
import dev.understudy.failover.SwitchReason;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What events tell of who serves; the event with number N happens in second N. */
class TimelinesTest {
  private static final PoolId OTHER = new PoolId("other");

  private final Timelines timelines = new Timelines();

  private void add(long second, Event event) {
    timelines.add(Sample.event(second, event));
  }

  private String of(PoolId pool) {
    return timelines.of(pool).between(at(0), at(100)).stream()
        .map(
            each ->
                "%s %d %s %d"
                    .formatted(
                        each.known() ? each.serving() : "?",
                        each.from().getEpochSecond() % 100,
                        each.reason(),
                        each.epoch()))
        .collect(Collectors.joining(", "));
  }

  private static Event kept(PoolId pool, String server, long epoch) {
    return new Event.Kept(pool, new ServerId(server), epoch, "from the state file", "kept");
  }

  /** Of {@code a>b 2}: a switch in epoch 2; {@code -} is nobody. */
  private static Event event(String words) {
    String[] parts = words.split("[ >]");
    return switch (parts[0]) {
      case "kept" -> kept(SHOP, parts[1], Long.parseLong(parts[2]));
      case "nobody" -> new Event.NobodyServes(SHOP, false, "a: DOWN", "nobody");
      case "over" -> new Event.NobodyServes(SHOP, true, "", "nobody served it");
      case "removed" -> applied(SHOP, OTHER);
      case "applied" -> applied();
      case "stopped" -> new ReplicaEvent.Stopped("stopped");
      case "started" -> started(parts.length > 1 ? at(Long.parseLong(parts[1])) : null);
      case "pinned" -> new Event.Pinned(SHOP, new ServerId("b"), null, "pinned");
      case "serves-down" -> new Event.ServesDown(SHOP, new ServerId("b"), "DOWN", "although");
      case "opened" -> new ServerEvent.CircuitChanged(SHOP, new ServerId("a"), true, "opened");
      case "rejected" -> new ReplicaEvent.ConfigurationRejected("g.yaml", List.of("p"), "refused");
      default -> Sample.switched(server(parts[0]), server(parts[1]), Long.parseLong(parts[2]));
    };
  }

  private static @Nullable String server(String word) {
    return word.equals("-") ? null : word;
  }

  private static Event applied(PoolId... removed) {
    return new ReplicaEvent.ConfigurationApplied(
        "g.yaml", List.of(), List.of(), List.of(removed), "applied");
  }

  private static Event started(@Nullable Instant alive) {
    return new ReplicaEvent.Started(
        "1", "g.yaml", alive == null ? null : ReplicaEvent.RunEnd.CRASHED, alive, "started");
  }

  /** Events with their seconds, and the clock's where it differs; then the tenures of the pool. */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a switch begins a tenure | 10 a>b 2, 20 b>- 3 | b 10 HEALTH_CHECK_FAILED 2, null 20 HEALTH_CHECK_FAILED 3
          a server that is kept at the first start serves from then on | 10 kept a 5 | a 10 null 5
          nobody serves from the moment of the event | 10 nobody, 20 ->a 1 | null 10 null 0, a 20 HEALTH_CHECK_FAILED 1
          an event after a switch says in the same epoch that nobody serves | 10 a>- 3, 20 nobody | null 10 HEALTH_CHECK_FAILED 3
          that nobody serves is over with the pool | 10 nobody, 20 over | null 10 null 0, ? 20 null 0
          other events change nothing | 10 a>b 2, 20 pinned, 21 serves-down, 22 opened, 23 rejected, 24 applied | b 10 HEALTH_CHECK_FAILED 2
          a removed pool has no tenure until it comes back | 10 a>b 2, 20 removed, 30 kept b 2 | b 10 HEALTH_CHECK_FAILED 2, ? 20 null 0, b 30 HEALTH_CHECK_FAILED 2
          a stop ends all tenures and the next start begins them | 10 a>b 2, 20 stopped, 30 started 20, 31 kept b 2 | b 10 HEALTH_CHECK_FAILED 2, ? 20 null 0, b 31 HEALTH_CHECK_FAILED 2
          a crash ends all tenures when the process was alive for the last time | 10 a>b 2, 50 started 40, 51 b>a 3 | b 10 HEALTH_CHECK_FAILED 2, ? 40 null 0, a 51 HEALTH_CHECK_FAILED 3
          a last moment in the future is that of the start | 10 a>b 2, 50 started 1000 | b 10 HEALTH_CHECK_FAILED 2, ? 50 null 0
          a last moment that is not known is that of the start | 60 a>b 3, 70 started | b 60 HEALTH_CHECK_FAILED 3, ? 70 null 0
          a clock that is behind after a restart erases nothing | 60 a>b 2, 70 b>a 3, 71=20 started 20, 72=21 kept a 3 | b 19 HEALTH_CHECK_FAILED 2, a 19 HEALTH_CHECK_FAILED 3, ? 20 null 0, a 21 HEALTH_CHECK_FAILED 3
          """)
  void events_make_tenures(String what, String events, String tenures) {
    for (String event : events.split(", ")) {
      String[] parts = event.split(" ", 2);
      String[] times = parts[0].split("=");
      Instant at = at(Long.parseLong(times[times.length - 1]));
      Event happened = event(parts[1]);
      timelines.add(StoredEvent.of(new EventLog.Entry(Long.parseLong(times[0]), at, happened)));
    }
    assertThat(of(SHOP)).as(what).isEqualTo(tenures);
    assertThat(of(OTHER)).isEmpty();
  }

  private static Event switched(PoolId pool, long epoch, String evidence) {
    ServerId server = new ServerId(epoch % 2 == 0 ? "a" : "b");
    SwitchReason reason = SwitchReason.HEALTH_CHECK_FAILED;
    return new Event.Switched(
        pool, null, server, reason, epoch, evidence, null, null, null, null, "");
  }

  @Test
  void the_pools_that_changed_last_are_kept_whichever_are_read() {
    for (int pool = 0; pool <= Timelines.MOST_POOLS; pool++) {
      add(1, switched(new PoolId("p" + pool), 1, ""));
      timelines.of(new PoolId("p0"));
    }
    assertThat(of(new PoolId("p0"))).isEmpty();
    assertThat(of(new PoolId("p1"))).isNotEmpty();
    assertThat(timelines.tenures()).isEqualTo(Timelines.MOST_POOLS);
  }

  @Test
  void all_timelines_together_are_bounded_and_the_longest_is_cut() {
    int pools = Timelines.MOST_TENURES / Timeline.MOST + 2;
    int most = 0;
    for (int epoch = 1; epoch <= Timeline.MOST; epoch++) {
      for (int pool = 0; pool < pools; pool++) {
        add(epoch, switched(new PoolId("p" + pool), epoch, ""));
        most = Math.max(most, timelines.tenures());
      }
    }
    assertThat(most).isLessThanOrEqualTo(Timelines.MOST_TENURES);
    int sum = 0;
    for (int pool = 0; pool < pools; pool++) {
      List<ServingPeriod> tenures = timelines.of(new PoolId("p" + pool)).tenures();
      assertThat(tenures).hasSizeGreaterThanOrEqualTo(Timeline.MOST / 3);
      assertThat(tenures.getLast().epoch()).isEqualTo(Timeline.MOST);
      sum += tenures.size();
    }
    assertThat(timelines.tenures()).isEqualTo(sum);
  }

  @Test
  void events_keep_their_order_however_many_come_between_two_reads() {
    int events = 3 * Timelines.MOST_PENDING;
    for (int epoch = 1; epoch <= events; epoch++) {
      add(epoch, switched(SHOP, epoch, ""));
    }
    assertThat(timelines.of(SHOP).tenures())
        .extracting(ServingPeriod::epoch)
        .hasSize(events)
        .isSorted();
  }

  @Test
  void long_evidence_is_cut() {
    add(1, switched(SHOP, 1, "x".repeat(600)));
    assertThat(timelines.of(SHOP).last().evidence()).hasSize(Timelines.MOST_EVIDENCE).endsWith("…");
  }

  @Test
  void an_operator_is_named_with_the_reason() {
    String json =
        Sample.event(10, Sample.switched("a", "b", 2))
            .json()
            .replace(
                "\"operator\":null,\"operatorReason\":null",
                "\"operator\":\"alice\",\"operatorReason\":\"x\"");
    timelines.add(new StoredEvent(10, at(10), "switched", SHOP, Event.Kind.SWITCH, json));

    assertThat(timelines.of(SHOP).last().operator()).isEqualTo("alice");
    assertThat(timelines.of(SHOP).last().operatorReason()).isEqualTo("x");
  }

  @Test
  void a_document_that_nobody_of_us_wrote_disturbs_nothing() {
    String head = "{\"id\":10,\"at\":\"2026-11-21T18:00:10Z\",\"type\":\"configuration-applied\",";
    for (String rest :
        List.of(
            "\"pool\":null,\"removedPools\":[\"No Label\",7,null]}",
            "\"pool\":null,\"removedPools\":7}",
            "\"pool\":null,broken}")) {
      StoredEvent event = EventDocument.parse(head + rest);
      timelines.add(event);
      assertThat(event.document().path("id").asLong()).isEqualTo(10);
    }
  }

  @Test
  void pools_that_changed_last_are_kept() {
    add(1, kept(SHOP, "a", 1));
    for (int i = 0; i < Timelines.MOST_POOLS - 1; i++) {
      add(2, kept(new PoolId("p" + i), "a", 1));
    }
    add(3, Sample.switched("a", "b", 2));
    add(4, kept(OTHER, "a", 1));

    assertThat(of(SHOP)).contains(", ");
    assertThat(of(OTHER)).isNotEmpty();
    assertThat(of(new PoolId("p0"))).isEmpty();
    assertThat(of(new PoolId("p1"))).isNotEmpty();
  }
}
