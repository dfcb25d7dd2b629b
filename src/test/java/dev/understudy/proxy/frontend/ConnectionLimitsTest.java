package dev.understudy.proxy.frontend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.network.IpAddress;
import dev.understudy.testing.Await;
import dev.understudy.testing.TestLimits;
import dev.understudy.traffic.Limit;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConnectionLimitsTest {
  private final List<Limit> told = new CopyOnWriteArrayList<>();

  /** What listens, with accepted connections as messages. */
  private final EmbeddedChannel server = new EmbeddedChannel();

  private ConnectionLimits limits(int max, OptionalInt perAddress) {
    FrontendLimits d = TestLimits.DEFAULT;
    return new ConnectionLimits(
        new FrontendLimits(
            d.headerTimeout(),
            d.keepAlive(),
            d.idle(),
            max,
            perAddress,
            d.maxHeaders(),
            d.maxRequestLine(),
            d.parts(),
            OptionalInt.empty(),
            OptionalLong.empty(),
            d.memory(),
            false),
        told::add);
  }

  private static IpAddress address(String text) {
    return Objects.requireNonNull(IpAddress.parse(text));
  }

  private static boolean admits(ConnectionLimits limits, IpAddress client) {
    return limits.admit(client, 100);
  }

  private Channel accept() {
    EmbeddedChannel accepted = new EmbeddedChannel();
    server.writeInbound(accepted);
    Object passedOn = server.readInbound();
    assertThat(passedOn).isSameAs(accepted);
    return accepted;
  }

  private boolean accepts() {
    return server.config().isAutoRead();
  }

  @Test
  void with_the_last_place_taken_nothing_is_accepted_until_one_leaves() {
    ConnectionLimits limits = limits(2, OptionalInt.empty());
    limits.listen(server, true);
    Channel first = accept();
    assertThat(accepts()).isTrue();
    assertThat(told).isEmpty();
    accept();
    assertThat(accepts()).isFalse();
    assertThat(limits.isFull()).isTrue();
    assertThat(told).containsExactly(Limit.CONNECTIONS);
    first.close();
    assertThat(accepts()).isTrue();
    assertThat(limits.connections()).isEqualTo(1);
  }

  @Test
  void those_accepted_in_one_go_over_the_limit_have_to_leave_too() {
    ConnectionLimits limits = limits(1, OptionalInt.empty());
    limits.listen(server, true);
    Channel first = accept();
    Channel second = accept();
    first.close();
    assertThat(accepts()).isFalse();
    second.close();
    assertThat(accepts()).isTrue();
  }

  @Test
  void all_listeners_share_the_places() {
    ConnectionLimits limits = limits(1, OptionalInt.empty());
    EmbeddedChannel other = new EmbeddedChannel();
    limits.listen(server, true);
    limits.listen(other, true);
    Channel only = accept();
    assertThat(other.config().isAutoRead()).isFalse();
    EmbeddedChannel late = new EmbeddedChannel();
    limits.listen(late, true);
    assertThat(late.config().isAutoRead()).isFalse();
    only.close();
    assertThat(other.config().isAutoRead()).isTrue();
    assertThat(late.config().isAutoRead()).isTrue();
  }

  @Test
  void the_last_place_is_freed_by_the_next_loop_with_an_idle_connection() {
    ConnectionLimits limits = limits(3, OptionalInt.empty());
    limits.listen(server, true);
    List<String> asked = new ArrayList<>();
    Deque<Channel> waiting = new ArrayDeque<>();
    limits.addShedder(Runnable::run, () -> !asked.add("busy"));
    limits.addShedder(
        Runnable::run,
        () -> {
          asked.add("idle");
          waiting.remove().close();
          return true;
        });
    waiting.add(accept());
    waiting.add(accept());
    assertThat(asked).isEmpty();
    Channel third = accept();
    assertThat(asked).containsExactly("busy", "idle");
    assertThat(accepts()).isTrue();
    assertThat(third.isOpen()).isTrue();
    accept();
    assertThat(asked).containsExactly("busy", "idle", "idle");
    assertThat(limits.connections()).isEqualTo(2);
  }

  @Test
  void without_an_idle_connection_each_loop_is_asked_once() {
    ConnectionLimits limits = limits(1, OptionalInt.empty());
    limits.listen(server, true);
    AtomicInteger asked = new AtomicInteger();
    for (int i = 0; i < 3; i++) {
      limits.addShedder(Runnable::run, () -> asked.incrementAndGet() < 0);
    }
    accept();
    assertThat(asked).hasValue(3);
    assertThat(accepts()).isFalse();
  }

  @Test
  void one_address_has_its_own_limit_and_others_do_not_feel_it() {
    ConnectionLimits limits = limits(100, OptionalInt.of(2));
    IpAddress client = address("192.0.2.1");
    assertThat(admits(limits, client)).isTrue();
    assertThat(admits(limits, client)).isTrue();
    assertThat(admits(limits, client)).isFalse();
    assertThat(told).containsExactly(Limit.CONNECTIONS_PER_ADDRESS);
    assertThat(admits(limits, address("192.0.2.2"))).isTrue();
    limits.left(client);
    assertThat(admits(limits, client)).isTrue();
    assertThat(admits(limits, client)).isFalse();
  }

  @Test
  void ipv6_addresses_of_one_slash_64_count_as_one() {
    ConnectionLimits limits = limits(100, OptionalInt.of(1));
    assertThat(admits(limits, address("2001:db8:1:2::1"))).isTrue();
    assertThat(admits(limits, address("2001:db8:1:2:ffff::9"))).isFalse();
    assertThat(admits(limits, address("2001:db8:1:3::1"))).isTrue();
    assertThat(admits(limits, address("::ffff:192.0.2.1"))).isTrue();
    assertThat(admits(limits, address("192.0.2.1"))).isFalse();
  }

  @Test
  void without_a_limit_an_address_may_have_any_number() {
    ConnectionLimits limits = limits(100, OptionalInt.empty());
    for (int i = 0; i < 1000; i++) {
      assertThat(admits(limits, address("192.0.2.1"))).isTrue();
    }
  }

  @Test
  void threads_lose_no_count_and_never_get_more_than_the_limit() throws InterruptedException {
    ConnectionLimits limits = limits(100_000, OptionalInt.of(3));
    IpAddress client = address("192.0.2.1");
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CountDownLatch go = new CountDownLatch(1);
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    Await.open("all have begun", go);
                    for (int n = 0; n < 5000; n++) {
                      limits.accepted();
                      if (admits(limits, client)) {
                        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                        inside.decrementAndGet();
                        limits.left(client);
                      }
                      limits.closed();
                    }
                  }));
    }
    go.countDown();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(limits.connections()).isZero();
    assertThat(most.get()).isBetween(1, 3);
    for (int i = 0; i < 3; i++) {
      assertThat(admits(limits, client)).isTrue();
    }
    assertThat(admits(limits, client)).isFalse();
  }

  /** How many connections a client gets beside those that are there. */
  private static int fill(ConnectionLimits limits, int max, IpAddress client) {
    int got = 0;
    while (limits.connections() < max && limits.admit(client, max - limits.connections())) {
      limits.accepted();
      got++;
    }
    return got;
  }

  @ParameterizedTest
  @CsvSource({
    // Too few for a share: as without one.
    "8, 8, 0, 0",
    "64, 60, 4, 0",
    "20000, 18750, 1172, 74",
  })
  void a_network_gets_nearly_all_and_leaves_something_for_each_other(
      int max, int first, int second, int third) {
    ConnectionLimits limits = limits(max, OptionalInt.empty());
    assertThat(fill(limits, max, address("192.0.2.1"))).isEqualTo(first);
    assertThat(fill(limits, max, address("192.0.2.2"))).isEqualTo(second);
    assertThat(fill(limits, max, address("192.0.2.3"))).isEqualTo(third);
  }

  @Test
  void a_network_over_its_share_gets_a_place_once_enough_have_left() {
    ConnectionLimits limits = limits(32, OptionalInt.empty());
    IpAddress client = address("2001:db8:1:200::1");
    IpAddress neighbour = address("2001:db8:1:2ff::1");
    assertThat(fill(limits, 32, client)).isEqualTo(30);
    assertThat(told).containsExactly(Limit.CONNECTIONS);
    assertThat(limits.admit(neighbour, 2)).isFalse();
    limits.left(client);
    limits.closed();
    assertThat(limits.admit(neighbour, 3)).isTrue();
  }

  @Test
  void a_network_that_comes_near_its_share_makes_room() {
    ConnectionLimits limits = limits(32, OptionalInt.empty());
    List<Integer> asked = new ArrayList<>();
    limits.addShedder(Runnable::run, () -> asked.add(limits.connections()));
    assertThat(fill(limits, 32, address("192.0.2.1"))).isEqualTo(30);
    assertThat(asked).containsExactly(28, 29, 30);
  }

  @Test
  void nobody_is_asked_for_room_again_and_again_who_has_none() {
    ConnectionLimits limits = limits(10_000, OptionalInt.empty());
    AtomicInteger asked = new AtomicInteger();
    limits.addShedder(Runnable::run, () -> asked.incrementAndGet() < 0);
    int got = fill(limits, 10_000, address("192.0.2.1"));
    assertThat(got).isEqualTo(9375);
    assertThat(asked.get()).isBetween(1, 300);
  }
}
