package dev.understudy.history;

import static dev.understudy.history.Sample.SHOP;
import static dev.understudy.history.Sample.at;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.failover.SwitchReason;
import dev.understudy.monitor.Event;
import dev.understudy.monitor.EventLog;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What events tell of who serves; the event with number N happens in second N. */
class TimelinesTest {
  private static final PoolId OTHER = new PoolId("other");

  private final Timelines timelines = new Timelines();

  private void add(long second, Event event) {
    timelines.add(Sample.event(second, event));
  }

  private List<String> of(PoolId pool) {
    List<String> text = new ArrayList<>();
    for (ServingPeriod segment : timelines.of(pool).between(at(0), at(100))) {
      text.add(
          (segment.known() ? segment.serving() : "?")
              + " "
              + segment.from().getEpochSecond() % 100
              + " "
              + segment.reason()
              + " "
              + segment.epoch());
    }
    return text;
  }

  private static Event kept(PoolId pool, String server, long epoch) {
    return new Event.Kept(pool, new ServerId(server), epoch, "from the state file", "kept");
  }

  private static Event applied(PoolId... removed) {
    return new Event.ConfigurationApplied(
        "g.yaml", List.of(), List.of(), List.of(removed), "applied");
  }

  private static Event started(@Nullable Instant alive) {
    return new Event.Started(
        "1", "g.yaml", alive == null ? null : Event.RunEnd.CRASHED, alive, "started");
  }

  @Test
  void a_switch_begins_a_tenure() {
    add(10, Sample.switched("a", "b", 2));
    add(20, Sample.switched("b", null, 3));

    assertThat(of(SHOP))
        .containsExactly("b 10 HEALTH_CHECK_FAILED 2", "null 20 HEALTH_CHECK_FAILED 3");
    assertThat(of(OTHER)).isEmpty();
  }

  @Test
  void a_server_that_is_kept_at_the_first_start_serves_from_then_on() {
    add(10, kept(SHOP, "a", 5));

    assertThat(of(SHOP)).containsExactly("a 10 null 5");
  }

  @Test
  void nobody_serves_from_the_moment_of_the_event() {
    add(10, new Event.NobodyServes(SHOP, "a: DOWN", "nobody"));
    add(20, Sample.switched(null, "a", 1));

    assertThat(of(SHOP)).containsExactly("null 10 null 0", "a 20 HEALTH_CHECK_FAILED 1");
  }

  @Test
  void an_event_after_a_switch_says_in_the_same_epoch_that_nobody_serves() {
    add(10, Sample.switched("a", null, 3));
    add(20, new Event.NobodyServes(SHOP, "a: DOWN", "nobody"));

    assertThat(of(SHOP)).containsExactly("null 10 HEALTH_CHECK_FAILED 3");
  }

  @Test
  void other_events_change_nothing() {
    add(10, Sample.switched("a", "b", 2));
    add(20, new Event.Pinned(SHOP, new ServerId("b"), null, "pinned"));
    add(21, new Event.ServesDown(SHOP, new ServerId("b"), "DOWN", "although"));
    add(22, new Event.CircuitChanged(SHOP, new ServerId("a"), true, "opened"));
    add(23, new Event.ConfigurationRejected("g.yaml", List.of("p"), "refused"));
    add(24, applied());

    assertThat(of(SHOP)).hasSize(1);
  }

  @Test
  void a_removed_pool_has_no_tenure_until_it_comes_back() {
    add(10, Sample.switched("a", "b", 2));
    add(20, applied(SHOP, OTHER));
    add(30, kept(SHOP, "b", 2));

    assertThat(of(SHOP))
        .containsExactly("b 10 HEALTH_CHECK_FAILED 2", "? 20 null 0", "b 30 HEALTH_CHECK_FAILED 2");
  }

  @Test
  void a_stop_ends_all_tenures_and_the_next_start_begins_them() {
    add(10, Sample.switched("a", "b", 2));
    add(20, new Event.Stopped("stopped"));
    add(30, started(at(20)));
    add(31, kept(SHOP, "b", 2));

    assertThat(of(SHOP))
        .containsExactly("b 10 HEALTH_CHECK_FAILED 2", "? 20 null 0", "b 31 HEALTH_CHECK_FAILED 2");
  }

  @Test
  void a_crash_ends_all_tenures_when_the_process_was_alive_for_the_last_time() {
    add(10, Sample.switched("a", "b", 2));
    add(50, started(at(40)));
    add(51, Sample.switched("b", "a", 3));

    assertThat(of(SHOP))
        .containsExactly("b 10 HEALTH_CHECK_FAILED 2", "? 40 null 0", "a 51 HEALTH_CHECK_FAILED 3");
  }

  @Test
  void a_last_moment_in_the_future_or_unknown_is_that_of_the_start() {
    add(10, Sample.switched("a", "b", 2));
    add(50, started(at(1_000)));
    assertThat(of(SHOP)).containsExactly("b 10 HEALTH_CHECK_FAILED 2", "? 50 null 0");

    add(60, Sample.switched("a", "b", 3));
    add(70, started(null));
    assertThat(of(SHOP)).last().isEqualTo("? 70 null 0");
  }

  @Test
  void a_clock_that_is_behind_after_a_restart_erases_nothing() {
    add(60, Sample.switched("a", "b", 2));
    add(70, Sample.switched("b", "a", 3));
    timelines.add(StoredEvent.of(new EventLog.Entry(71, at(20), started(at(20)))));
    timelines.add(StoredEvent.of(new EventLog.Entry(72, at(21), kept(SHOP, "a", 3))));

    assertThat(of(SHOP))
        .containsExactly(
            "b 19 HEALTH_CHECK_FAILED 2",
            "a 19 HEALTH_CHECK_FAILED 3",
            "? 20 null 0",
            "a 21 HEALTH_CHECK_FAILED 3");
  }

  private static Event switched(PoolId pool, long epoch, String evidence) {
    String server = epoch % 2 == 0 ? "a" : "b";
    return new Event.Switched(
        pool,
        null,
        new ServerId(server),
        SwitchReason.HEALTH_CHECK_FAILED,
        epoch,
        evidence,
        null,
        null,
        null,
        null,
        "");
  }

  @Test
  void the_pools_that_changed_last_are_kept_whichever_are_read() {
    for (int pool = 0; pool <= Timelines.MOST_POOLS; pool++) {
      add(1, switched(new PoolId("p" + pool), 1, ""));
      timelines.of(new PoolId("p0"));
    }
    assertThat(of(new PoolId("p0"))).isEmpty();
    assertThat(of(new PoolId("p1"))).hasSize(1);
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

    assertThat(of(SHOP)).hasSize(2);
    assertThat(of(OTHER)).hasSize(1);
    assertThat(of(new PoolId("p0"))).isEmpty();
    assertThat(of(new PoolId("p1"))).hasSize(1);
  }
}
