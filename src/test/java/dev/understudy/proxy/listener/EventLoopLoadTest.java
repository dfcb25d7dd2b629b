package dev.understudy.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Readings of real event loops. */
class EventLoopLoadTest {
  private final EventLoopGroup group =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private final EventLoopLoad readings = new EventLoopLoad(() -> group, loop -> 7);

  @AfterEach
  void stop() {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private List<EventLoopLoad.Reading> read() {
    return readings.read().toCompletableFuture().join();
  }

  @Test
  void each_event_loop_has_a_reading() {
    assertThat(read())
        .hasSize(2)
        .allSatisfy(
            reading -> {
              assertThat(reading.connections()).isEqualTo(7);
              assertThat(reading.lagNanos()).isPositive();
            });
  }

  @Test
  void an_event_loop_that_is_busy_does_not_hold_up_the_reading() {
    read();
    CountDownLatch free = new CountDownLatch(1);
    CountDownLatch busy = new CountDownLatch(1);
    group
        .next()
        .execute(
            () -> {
              busy.countDown();
              Await.open("the end of the work", free);
            });
    Await.open("the work", busy);

    List<EventLoopLoad.Reading> readings = read();
    free.countDown();

    assertThat(readings)
        .anySatisfy(
            reading -> {
              assertThat(reading.lagNanos()).isEqualTo(EventLoopLoad.LONGEST_WAIT_NANOS);
              assertThat(reading.connections()).isEqualTo(7);
            });
  }

  @Test
  void a_lag_between_two_readings_is_seen() {
    read();
    // Longer than the period of the measuring task, which therefore waits in between.
    long work = 2 * LoopLag.PERIOD_NANOS;
    CountDownLatch done = new CountDownLatch(2);
    group.forEach(
        loop ->
            loop.execute(
                () -> {
                  long end = System.nanoTime() + work;
                  while (System.nanoTime() - end < 0) {
                    Thread.onSpinWait();
                  }
                  done.countDown();
                }));
    Await.open("the work", done);

    Await.until(
        "the lag of both event loops",
        () -> read().stream().allMatch(reading -> reading.lagNanos() > LoopLag.PERIOD_NANOS / 2));
  }

  @Test
  void event_loops_that_have_shut_down_are_idle() {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    assertThat(read()).containsOnly(new EventLoopLoad.Reading(0, 0, 0));
  }
}
