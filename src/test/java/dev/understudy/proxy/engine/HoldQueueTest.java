package dev.understudy.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.fairness.ClientNetwork;
import dev.understudy.pool.PoolId;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class HoldQueueTest {
  private static final PoolId POOL = new PoolId("p");

  private final HoldQueue queue = new HoldQueue();
  private final List<Long> went = new ArrayList<>();
  private Consumer<Request> then = request -> {};

  private final class Request implements HoldQueue.Waiter {
    private final HoldQueue.Ticket ticket;
    private boolean canGo = true;

    Request() {
      this("a");
    }

    Request(String network) {
      ticket = queue.ticket(POOL, new ClientNetwork(network));
      queue.add(this, POOL, ticket);
    }

    long number() {
      return ticket.number();
    }

    @Override
    public boolean canGo() {
      return canGo;
    }

    @Override
    public void release() {
      queue.remove(POOL, ticket);
      went.add(number());
      then.accept(this);
    }
  }

  private void requests(int count) {
    for (int i = 0; i < count; i++) {
      new Request();
    }
  }

  private List<Long> first(int count) {
    List<Long> tickets = new ArrayList<>();
    for (long i = 1; i <= count; i++) {
      tickets.add(i);
    }
    return tickets;
  }

  @Test
  void they_leave_oldest_first_in_bursts_that_double_with_each_tick() {
    requests(200);
    queue.tick();
    assertThat(went).isEqualTo(first(16));
    queue.tick();
    assertThat(went).isEqualTo(first(48));
    queue.tick();
    assertThat(went).isEqualTo(first(112));
    queue.tick();
    assertThat(went).isEqualTo(first(200));
  }

  @Test
  void after_a_tick_that_let_fewer_go_bursts_are_small_again() {
    requests(20);
    Request last = new Request();
    last.canGo = false;
    queue.tick();
    queue.tick();
    assertThat(went).isEqualTo(first(20));
    last.canGo = true;
    requests(40);
    went.clear();
    queue.tick();
    assertThat(went).hasSize(16);
  }

  @Test
  void a_request_that_cannot_be_sent_delays_no_other() {
    new Request().canGo = false;
    requests(2);
    queue.tick();
    assertThat(went).containsExactly(2L, 3L);
  }

  @Test
  void requests_that_come_back_keep_their_order_and_are_not_tried_twice_in_one_tick() {
    requests(20);
    then = request -> queue.add(request, POOL, request.ticket);
    queue.tick();
    assertThat(went).isEqualTo(first(16));
    then = request -> {};
    went.clear();
    queue.tick();
    queue.tick();
    assertThat(went).isEqualTo(first(20));
  }

  @Test
  void one_that_ends_another_in_its_turn_leaves_the_line_in_order() {
    requests(1);
    Request second = new Request();
    requests(2);
    then =
        request -> {
          if (request.number() == 1) {
            queue.remove(POOL, second.ticket);
          }
        };
    queue.tick();
    assertThat(went).containsExactly(1L, 3L, 4L);
  }

  @Test
  void networks_take_turns_each_with_its_oldest_first() {
    List<Long> expected = new ArrayList<>();
    List<Request> greedy = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      greedy.add(new Request("a"));
    }
    Request b = new Request("b");
    Request c = new Request("c");
    Request b2 = new Request("b");
    for (Request each : List.of(greedy.get(0), b, c, greedy.get(1), b2)) {
      expected.add(each.number());
    }
    greedy.subList(2, 5).forEach(each -> expected.add(each.number()));
    queue.tick();
    assertThat(went).isEqualTo(expected);
  }

  @Test
  void a_newcomer_waits_for_one_turn_however_many_another_network_has_brought() {
    requests(100);
    queue.release(POOL, 10);
    went.clear();
    Request newcomer = new Request("b");
    queue.release(POOL, 2);
    assertThat(went).contains(newcomer.number());
  }

  @Test
  void one_that_was_released_in_vain_precedes_those_who_came_after_it() {
    Request first = new Request("a");
    queue.remove(POOL, first.ticket);
    Request later = new Request("b");
    queue.add(first, POOL, first.ticket);
    queue.tick();
    assertThat(went).containsExactly(first.number(), later.number());
  }

  @Test
  void networks_that_come_all_the_time_overtake_nobody_who_waits_for_a_second_turn() {
    new Request("a");
    Request second = new Request("a");
    queue.release(POOL, 1);
    for (int i = 0; i < 10; i++) {
      new Request("new " + i);
    }
    went.clear();
    queue.release(POOL, 1);
    assertThat(went).containsExactly(second.number());
  }

  @Test
  void requests_that_left_unserved_cost_their_network_no_turn() {
    new Request("b");
    new Request("b");
    for (int i = 0; i < 20; i++) {
      queue.remove(POOL, new Request("a").ticket);
    }
    Request waits = new Request("a");
    queue.release(POOL, 2);
    assertThat(went).contains(waits.number());
  }
}
