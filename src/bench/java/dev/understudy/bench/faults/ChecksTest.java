package dev.understudy.bench.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.bench.faults.Call.End;
import dev.understudy.bench.faults.Stalls.Stall;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ListAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChecksTest {
  private final List<Call> calls = new ArrayList<>();
  private final List<Hit> hits = new ArrayList<>();
  private final List<Window> windows = new ArrayList<>();
  private final List<Stall> stalls = new ArrayList<>();
  private final Fence fence = new Fence();
  private boolean holds;

  private static long millis(long millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }

  /** Answered as the application's rule wants it. */
  private void hit(long millis, String server, String replica, long epoch, String id) {
    Hit hit = new Hit(millis(millis), server, replica, epoch, id.startsWith("w"), id);
    hits.add(hit.answered(fence.accepts(hit) ? Hit.EXECUTED : Hit.REFUSED));
  }

  private void hit(long millis, String server, String replica, long epoch, String id, int status) {
    hits.add(new Hit(millis(millis), server, replica, epoch, id.startsWith("w"), id, status));
  }

  private void call(String id, End end) {
    call(id, 1, end);
  }

  private void call(String id, long millis, End end) {
    calls.add(new Call("r1", id, id.startsWith("w"), 0, millis(millis), end, "what"));
  }

  private void fault(Kind kind, String target, long fromMillis, long toMillis) {
    windows.add(new Window(kind, target, millis(fromMillis), millis(toMillis), ""));
  }

  private Checks.Judgement judgement() {
    return Checks.judge(
        new History(0, millis(60_000), calls, hits, List.of(), windows, stalls, holds));
  }

  private ListAssert<String> violations() {
    return assertThat(judgement().violations());
  }

  @Test
  void good_history_has_no_violation() {
    hit(0, "sen2", "r1", 1, "w1");
    hit(10, "sen1", "r1", 2, "w2");
    hit(12, "sen2", "r2", 1, "w3");
    call("w1", End.OK);
    call("w2", End.OK);
    call("w3", End.FAILED);
    violations().isEmpty();
    assertThat(judgement().refused()).isOne();
    assertThat(judgement().longestOverlap()).isEqualTo(millis(2));
  }

  @Test
  void write_executed_by_both_servers_is_found() {
    hit(0, "sen2", "r1", 1, "w1");
    hit(10, "sen1", "r1", 2, "w1");
    violations().singleElement().asString().startsWith("executed twice: w1");
  }

  @ParameterizedTest
  @CsvSource({
    "r1, 409, 200",
    "r1, 200, 409",
    "r1, 409, 409",
    "r1, 0, 200",
    "r1, 0, 0",
    "r1, 200, 0",
    "r2, 409, 200"
  })
  void write_that_was_sent_again_is_found_whatever_the_fence_made_of_it(
      String replica, int first, int second) {
    hit(0, "sen1", "r1", 2, "w1", first);
    hit(100, "sen1", replica, 2, "w1", second);
    violations().singleElement().asString().startsWith("sent twice: w1 from r1 at sen1");
  }

  @Test
  void server_that_accepts_behind_a_newer_epoch_is_found() {
    hit(0, "sen1", "r2", 2, "w1", Hit.EXECUTED);
    hit(1, "sen2", "r1", 1, "w2", Hit.EXECUTED);
    violations().singleElement().asString().startsWith("accepted behind a newer epoch: w2");
  }

  @Test
  void newer_epoch_counts_though_its_server_ended_before_it_answered() {
    hit(0, "sen1", "r2", 2, "w1", Hit.UNANSWERED);
    hit(1, "sen2", "r1", 1, "w2", Hit.EXECUTED);
    violations().singleElement().asString().startsWith("accepted behind a newer epoch: w2");
  }

  @Test
  void acknowledged_write_that_is_nowhere_is_found() {
    call("w1", End.OK);
    violations().singleElement().asString().startsWith("acknowledged and not executed: w1");
  }

  @ParameterizedTest
  @ValueSource(ints = {Hit.UNANSWERED, Hit.REFUSED})
  void acknowledged_write_that_its_server_did_not_acknowledge_is_found(int status) {
    hit(0, "sen2", "r1", 1, "w1", status);
    call("w1", End.OK);
    violations().singleElement().asString().startsWith("acknowledged and not executed: w1");
  }

  @Test
  void write_that_was_said_not_to_be_sent_and_was_is_found() {
    hit(0, "sen2", "r1", 1, "w1", Hit.UNANSWERED);
    call("w1", End.FAILED);
    violations().singleElement().asString().startsWith("refused and sent: w1");
  }

  @Test
  void write_that_was_said_to_be_refused_and_was_executed_is_found() {
    hit(0, "sen2", "r1", 1, "w1");
    call("w1", End.FAILED);
    violations().singleElement().asString().startsWith("refused and executed: w1");
  }

  @Test
  void write_whose_end_is_unknown_may_be_executed_or_not() {
    hit(0, "sen2", "r1", 1, "w1");
    call("w1", End.UNKNOWN);
    call("w2", End.UNKNOWN);
    violations().isEmpty();
  }

  @Test
  void response_to_another_request_is_found() {
    call("r1", End.MIXED_UP);
    violations().singleElement().asString().startsWith("got another's response: r1");
  }

  @Test
  void what_is_no_response_is_found() {
    call("r1", End.GARBLED);
    violations().singleElement().asString().startsWith("got no response of HTTP: r1");
  }

  @ParameterizedTest
  @EnumSource(
      value = End.class,
      names = {"UNKNOWN", "FAILED"})
  void request_whose_client_waits_for_too_long_is_found(End end) {
    call("w1", 30_001, end);
    violations().singleElement().asString().startsWith("had no end for too long: w1");
  }

  @Test
  void client_may_wait_for_a_replica_that_is_stopped_and_while_the_test_does_not_run() {
    call("w1", 41_000, End.UNKNOWN);
    fault(Kind.FREEZE_REPLICA, "r1", 5_000, 14_000);
    stalls.add(new Stall(millis(20_000), millis(22_001)));
    violations().isEmpty();
    windows.clear();
    fault(Kind.FREEZE_REPLICA, "r2", 5_000, 14_000);
    violations().hasSize(1);
  }

  @Test
  void read_may_be_executed_twice() {
    hit(0, "sen2", "r1", 1, "r1");
    hit(1, "sen2", "r1", 1, "r1");
    violations().isEmpty();
  }

  @Test
  void epoch_at_two_servers_is_found() {
    hit(0, "sen2", "r1", 1, "r1");
    hit(1, "sen1", "r2", 1, "r2");
    violations().singleElement().asString().startsWith("one epoch at two servers");
  }

  @Test
  void two_servers_for_longer_than_a_switch_may_take_are_found() {
    hit(0, "sen1", "r1", 2, "r1");
    hit(301, "sen2", "r2", 1, "r2");
    violations().singleElement().asString().startsWith("two servers at once");
  }

  @Test
  void replica_that_was_cut_from_the_store_may_follow_late() {
    hit(1000, "sen1", "r1", 2, "r1");
    hit(2000, "sen2", "r2", 1, "r2");
    fault(Kind.CUT_STORE, "r2", 500, 1500);
    violations().isEmpty();
    assertThat(judgement().longestOverlap()).isZero();
  }

  @Test
  void another_replica_that_was_cut_from_the_store_is_no_excuse() {
    hit(1000, "sen1", "r1", 2, "r1");
    hit(2000, "sen2", "r2", 1, "r2");
    fault(Kind.CUT_STORE, "r3", 500, 1500);
    violations().isNotEmpty();
  }

  @Test
  void thawed_server_may_take_up_late_what_it_had_got() {
    hit(1000, "sen1", "r1", 2, "r1");
    hit(5000, "sen2", "r2", 1, "r2");
    fault(Kind.FREEZE_SERVER, "sen2", 500, 4900);
    violations().isEmpty();
  }

  @Test
  void epoch_of_one_replica_that_falls_is_found() {
    hit(0, "sen2", "r1", 3, "r1");
    hit(1000, "sen2", "r1", 1, "r2");
    violations().singleElement().asString().startsWith("an epoch fell");
  }

  @ParameterizedTest
  @CsvSource({"cut, r1-sen2, false", "cut, r1-sen1, true", "delay, r1-sen2, false"})
  void replica_that_was_cut_from_one_server_is_excused_there_alone(
      String kind, String target, boolean found) {
    hit(1000, "sen1", "r2", 2, "r1");
    hit(2000, "sen2", "r1", 1, "r2");
    fault(Kind.of(kind), target, 500, 1500);
    assertThat(judgement().violations()).hasSize(found ? 1 : 0);
  }

  @ParameterizedTest
  @CsvSource({"r1-sen2, 0", "r1-sen1, 1"})
  void epoch_that_falls_is_excused_at_the_server_that_was_cut_off_alone(String target, int found) {
    hit(0, "sen2", "r1", 3, "r1");
    hit(1000, "sen2", "r1", 1, "r2");
    fault(Kind.CUT_THERE, target, 0, 900);
    violations().hasSize(found);
  }

  @Test
  void requests_without_epoch_of_a_replica_out_of_touch_are_no_overlap_and_are_served() {
    hit(0, "sen1", "r1", 2, "r1");
    hit(1000, "sen2", "r2", Hit.NO_EPOCH, "w1");
    call("w1", End.OK);
    fault(Kind.CUT_STORE, "r2", 500, 900);
    violations().isEmpty();
  }

  /** At 30 s, from r1 to sen2. */
  @ParameterizedTest
  @CsvSource({
    // Without a fault; another replica's; of a server, a hook, a disk.
    "switch, r1-sen2, 60, 61, local, true",
    "cut-store, r2, 20, 30, local, true",
    "freeze-replica, r2, 20, 30, local, true",
    "kill-server, sen2, 20, 30, local, true",
    "fail-hook, r1, 20, 30, local, true",
    "fill-disk, r1, 20, 30, local, true",
    "cut, r1-sen2, 20, 30, local, true",
    // Out of touch: which may go on alone, and may not if it holds its clients.
    "cut-store, r1, 20, 30, local, false",
    "cut-store, r1, 20, 30, hold, true",
    "silence-store, r1, 20, 21, local, false",
    "freeze-store, store, 20, 30, local, false",
    "freeze-store, store, 20, 30, hold, true",
    "freeze-replica, r1, 20, 29, local, false",
    "freeze-replica, r1, 20, 29, hold, true",
    "exhaust-descriptors, r1, 20, 29, local, false",
    "shift-clock, r1, 20, 29, local, false",
    "shift-clock, r1, 20, 29, hold, true",
    // For a while afterwards.
    "cut-store, r1, 10, 18, local, false",
    "cut-store, r1, 10, 17, local, true",
    // In touch, and the record is in doubt, or the next process serves.
    "delete-record, record, 24, 24, local, false",
    "delete-record, record, 23, 23, local, true",
    "edit-record, record, 29, 29, local, false",
    "edit-record, record, 29, 29, hold, true",
    "upgrade, r1, 25, 29, local, false",
    "upgrade, r1, 25, 29, hold, true",
    "upgrade, r2, 25, 29, local, true"
  })
  void request_without_an_epoch_needs_a_reason(
      String kind, String target, int from, int to, String onLoss, boolean found) {
    hit(30_000, "sen2", "r1", Hit.NO_EPOCH, "r1");
    fault(Kind.of(kind), target, from * 1000L, to * 1000L);
    holds = onLoss.equals("hold");
    assertThat(judgement().violations()).hasSize(found ? 1 : 0);
  }

  @Test
  void requests_without_an_epoch_of_one_replica_are_one_sentence() {
    hit(0, "sen2", "r1", Hit.NO_EPOCH, "r1");
    hit(1000, "sen2", "r1", Hit.NO_EPOCH, "w2");
    hit(2000, "sen2", "r2", Hit.NO_EPOCH, "w3");
    violations()
        .containsExactly(
            "2 without an epoch though in touch, the first:"
                + " r1 from r1 at sen2 without an epoch, 0.000 s, answered 200",
            "1 without an epoch though in touch, the first:"
                + " w3 from r2 at sen2 without an epoch, 2.000 s, answered 200");
  }

  @Test
  void request_without_an_epoch_that_waited_on_its_way_has_the_reason_of_its_begin() {
    hit(30_000, "sen2", "r1", Hit.NO_EPOCH, "r1");
    fault(Kind.CUT_STORE, "r1", 10_000, 15_000);
    violations().hasSize(1);
    fault(Kind.CUT_THERE, "r1-sen2", 20_000, 29_900);
    violations().isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"local, 0", "hold, 1"})
  void machine_that_stood_still_is_a_reason_to_go_on_alone(String onLoss, int found) {
    hit(30_000, "sen2", "r1", Hit.NO_EPOCH, "r1");
    stalls.add(new Stall(millis(27_000), millis(29_500)));
    holds = onLoss.equals("hold");
    violations().hasSize(found);
  }

  @ParameterizedTest
  @CsvSource({
    "local, r1, 1200, 0",
    "local, r1, 1301, 0",
    "local, r1, 1600, 1",
    "local, r2, 1200, 1",
    "hold, r1, 1200, 1"
  })
  void request_to_the_server_of_before_has_no_epoch_at_its_replicas_switch(
      String onLoss, String replica, int millis, int found) {
    holds = onLoss.equals("hold");
    hit(1000, "sen2", "r1", 1, "r1");
    hit(1299, "sen1", "r1", 2, "r2");
    hit(millis, "sen2", replica, Hit.NO_EPOCH, "r3");
    violations().hasSize(found);
  }

  @Test
  void replica_that_ceases_to_tell_its_epoch_is_found() {
    hit(1000, "sen2", "r1", 1, "r1");
    hit(1001, "sen2", "r1", Hit.NO_EPOCH, "r2");
    violations().hasSize(1);
  }
}
