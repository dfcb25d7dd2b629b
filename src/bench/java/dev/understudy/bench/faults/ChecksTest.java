package dev.understudy.bench.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.bench.faults.Call.End;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ListAssert;
import org.junit.jupiter.api.Test;

class ChecksTest {
  private final List<Call> calls = new ArrayList<>();
  private final List<Hit> hits = new ArrayList<>();
  private final List<Window> windows = new ArrayList<>();

  private static long millis(long millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }

  private void hit(long millis, String server, String replica, long epoch, String id) {
    hits.add(new Hit(millis(millis), server, replica, epoch, id.startsWith("w"), id));
  }

  private void call(String id, End end) {
    calls.add(new Call("r1", id, id.startsWith("w"), 0, millis(1), end, "what"));
  }

  private void fault(Kind kind, String target, long fromMillis, long toMillis) {
    windows.add(new Window(kind, target, millis(fromMillis), millis(toMillis), ""));
  }

  private Checks.Judgement judgement() {
    return Checks.judge(
        new History(0, millis(60_000), calls, hits, List.of(), windows, List.of(), false));
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
    violations().singleElement().asString().startsWith("executed twice: write w1");
  }

  @Test
  void write_that_the_fence_refused_and_that_was_sent_again_is_executed_once() {
    hit(0, "sen1", "r2", 2, "r0");
    hit(1, "sen2", "r1", 1, "w1");
    hit(2, "sen1", "r1", 2, "w1");
    violations().isEmpty();
  }

  @Test
  void acknowledged_write_that_is_nowhere_is_found() {
    call("w1", End.OK);
    violations().singleElement().asString().startsWith("acknowledged and not executed: w1");
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

  @Test
  void requests_without_epoch_are_no_overlap_and_are_served() {
    hit(0, "sen1", "r1", 2, "r1");
    hit(1000, "sen2", "r2", Hit.NO_EPOCH, "w1");
    call("w1", End.OK);
    violations().isEmpty();
  }
}
