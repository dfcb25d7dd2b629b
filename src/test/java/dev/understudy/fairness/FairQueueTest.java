package dev.understudy.fairness;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FairQueueTest {
  private record Entry(ClientNetwork network, int number) {}

  /** What is in the queue, in the order in which it came. */
  private final List<Entry> model = new ArrayList<>();

  private static ClientNetwork network(int number) {
    return new ClientNetwork("n" + number);
  }

  private List<Entry> of(ClientNetwork network) {
    return model.stream().filter(each -> each.network.equals(network)).toList();
  }

  private int most() {
    return model.stream().mapToInt(each -> of(each.network).size()).max().orElse(0);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void whatever_comes_and_goes_only_the_newest_of_who_has_most_is_displaced(int seed) {
    Random random = new Random(seed);
    FairQueue<Entry> queue = new FairQueue<>(12);
    for (int i = 0; i < 3_000; i++) {
      switch (random.nextInt(6)) {
        case 0 -> polled(queue.poll());
        case 1 -> {
          if (!model.isEmpty()) {
            Entry gone = model.remove(random.nextInt(model.size()));
            assertThat(queue.remove(gone.network, gone)).isTrue();
            assertThat(queue.remove(gone.network, gone)).isFalse();
          }
        }
        default -> {
          // Few networks at times, and many at others.
          Entry added = new Entry(network(random.nextInt(1 + i / 100)), i);
          int bound = 10 + random.nextInt(3);
          added(added, bound, queue.add(added.network, added, bound));
        }
      }
      assertThat(queue.values()).containsExactlyInAnyOrderElementsOf(model);
      assertThat(queue.size()).isEqualTo(model.size());
    }
  }

  private void polled(@Nullable Entry taken) {
    if (taken == null) {
      assertThat(model).isEmpty();
    } else {
      assertThat(taken).as("the oldest").isEqualTo(of(taken.network).getFirst());
      model.remove(taken);
    }
  }

  private void added(Entry added, int bound, @Nullable Entry without) {
    int after = of(added.network).size() + 1;
    if (model.size() < bound) {
      assertThat(without).isNull();
      model.add(added);
    } else if (model.size() > bound || most() <= after) {
      assertThat(without).isEqualTo(added);
    } else {
      assertThat(without).isNotNull().isEqualTo(of(without.network).getLast());
      assertThat(of(without.network)).hasSize(most());
      model.remove(without);
      model.add(added);
    }
  }

  @Test
  void networks_take_turns() {
    FairQueue<Entry> queue = new FairQueue<>(6);
    IntStream.of(1, 1, 1, 2, 2, 3)
        .forEach(each -> queue.add(network(each), new Entry(network(each), queue.size())));
    assertThat(IntStream.range(0, 6).mapToObj(i -> queue.poll()).map(Entry::network))
        .containsExactly(network(1), network(2), network(3), network(1), network(2), network(1));
    assertThat(queue.poll()).isNull();
  }

  @Test
  @Timeout(value = 30, threadMode = ThreadMode.SEPARATE_THREAD)
  void a_newcomer_to_a_full_queue_costs_the_same_however_many_networks_have_a_place() {
    int networks = 200_000;
    FairQueue<Integer> queue = new FairQueue<>(networks);
    IntStream.range(0, networks).forEach(i -> queue.add(network(i), i));
    IntStream.range(networks, 2 * networks)
        .forEach(i -> assertThat(queue.add(network(i), i)).isEqualTo(i));
  }
}
