package dev.understudy.bench.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class OrdersTest {
  private final Orders orders = new Orders();
  private final String done = orders.next();
  private final String other = orders.next();

  @Test
  void books_agree_when_each_order_was_executed_once() {
    orders.confirmed(done);
    assertThat(orders.audit(List.of(done, other)).isClean()).isTrue();
  }

  @Test
  void order_executed_by_two_servers_is_found() {
    assertThat(orders.audit(List.of(done, other, done))).returns(1L, Orders.Audit::twice);
  }

  @Test
  void confirmed_order_that_was_not_executed_is_found() {
    orders.confirmed(done);
    assertThat(orders.audit(List.of(other))).returns(1L, Orders.Audit::forgotten);
  }

  @Test
  void order_executed_although_its_client_left_halfway_is_found() {
    orders.withdrawn(done);
    assertThat(orders.audit(List.of(done))).returns(1L, Orders.Audit::torn);
  }
}
