package dev.understudy.probe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.probe.Prober.Urgency;
import dev.understudy.testing.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CheckQueueTest {
  private final CheckQueue<String> queue = new CheckQueue<>();

  private static Urgency urgency(String check) {
    return switch (check.charAt(0)) {
      case 's' -> Urgency.SUSPECTED;
      case 'l' -> Urgency.LATE;
      default -> Urgency.ROUTINE;
    };
  }

  private List<String> all() {
    List<String> all = new ArrayList<>();
    for (String next = queue.poll(); next != null; next = queue.poll()) {
      all.add(next);
    }
    return all;
  }

  // Checks that wait: r1 is a routine one, l1 a late one, s1 a suspected one.
  @Rows(
      """
      among equals, who waits longest comes first       | r1 r2 r3       | r1 r2 r3
      what is suspected comes first, and every other    | r1 r2 r3 s1 s2 | s1 r1 s2 r2 r3
      what is late comes before what is routine         | r1 l1 r2 l2    | l1 l2 r1 r2
      what is late has the other half                   | l1 l2 s1 s2 r1 | s1 l1 s2 l2 r1
      what is suspected has all that nobody else needs  | s1 s2 s3       | s1 s2 s3
      """)
  void who_comes_next(String row, String waiting, String order) {
    for (String each : waiting.split(" ")) {
      queue.add(each, urgency(each));
    }
    assertThat(all()).containsExactly(order.split(" "));
    assertThat(queue.poll()).isNull();
  }

  @Test
  void clients_that_make_a_hundred_servers_suspicious_again_and_again_starve_no_other() {
    IntStream.range(0, 100).forEach(i -> queue.add("s" + i, Urgency.SUSPECTED));
    queue.add("r", Urgency.ROUTINE);
    List<String> first = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      String next = queue.poll();
      first.add(next);
      queue.add("s again", Urgency.SUSPECTED);
    }
    assertThat(first).contains("r");
  }

  @Test
  void one_that_is_removed_does_not_come() {
    queue.add("r1", Urgency.ROUTINE);
    queue.add("r2", Urgency.ROUTINE);
    assertThat(queue.remove("r1", Urgency.ROUTINE)).isTrue();
    assertThat(queue.remove("r1", Urgency.ROUTINE)).isFalse();
    assertThat(all()).containsExactly("r2");
  }
}
