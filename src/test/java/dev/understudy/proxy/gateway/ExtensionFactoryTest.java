package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.extension.Extension;
import dev.understudy.testing.Await;
import dev.understudy.testing.Rows;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;

/** A factory of an extension is given up if it makes no filter in time. */
class ExtensionFactoryTest {
  private static final class SlowFactory extends AbstractGatewayFilterFactory<Object> {
    private static final AtomicReference<Thread> making = new AtomicReference<>();

    SlowFactory() {
      super(Object.class);
    }

    @Override
    public String name() {
      return "Slow";
    }

    @Override
    public GatewayFilter apply(Object config) {
      making.set(Thread.currentThread());
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return (exchange, chain) -> chain.filter(exchange);
    }
  }

  /**
   * Processor time of the thread in milliseconds when ten seconds began and when they are over, and
   * whether it is given up.
   */
  @Rows(
      """
      # it waits for something, such as a lock or an address
      0     | 0      | true
      0     | 9      | true
      3000  | 3009   | true
      # it has ended just now, or the system does not tell
      3000  | -1     | true
      # the machine is slow: it has had a hundredth of a processor
      0     | 100    | false
      3000  | 3100   | false
      9000  | 10000  | false
      # it computes without end
      0     | 10001  | true
      9900  | 10001  | true
      """)
  void a_thread_that_waits_or_never_ends_is_given_up_and_a_slow_one_is_not(
      long before, long now, boolean given) {
    assertThat(
            ExtensionFactory.isGivenUp(before * 1_000_000, now * 1_000_000, Duration.ofSeconds(10)))
        .isEqualTo(given);
  }

  @Test
  void a_filter_that_is_not_made_in_time_is_refused_and_its_thread_is_interrupted() {
    SlowFactory slow = new SlowFactory();
    ExtensionBeans.Filters factory =
        new ExtensionBeans.Filters(new Extension<>("slow.jar", "Slow", slow));
    Object config = new Object();

    assertThatThrownBy(() -> factory.made(() -> slow.apply(config), Duration.ofSeconds(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Slow: expected to be made within 1 s");
    Await.until("the thread has ended", () -> !SlowFactory.making.get().isAlive());
    assertThat(SlowFactory.making.get().getName()).isEqualTo("understudy-extension-Slow");
  }
}
