package dev.understudy.proxy.frontend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.network.IpAddress;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.LineBasedFrameDecoder;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientMemoryTest {
  private static final int KB = 1024;
  private static final int MOST = 1200 * KB;
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private int ended;
  private final ClientMemoryBudget budget = new ClientMemoryBudget(MOST, () -> ended++);

  /** Of one event loop, which may leave 600 KB unreported. */
  private final UnreportedRequests unreported = new UnreportedRequests(budget);

  /** A connection of a client. */
  private static final class Connection extends EmbeddedChannel {
    private final String from;

    Connection(String from) {
      this.from = from;
    }

    @Override
    protected SocketAddress remoteAddress0() {
      return from == null ? super.remoteAddress0() : new InetSocketAddress(from, 1);
    }
  }

  private ClientMemory connection(String from) {
    return memory(new Connection(from));
  }

  private ClientMemory memory(Connection channel) {
    return new ClientMemory(budget, unreported, channel);
  }

  /** Adds to a connection what it takes while it is not scarce, in pieces of 1 KB. */
  private static int fill(ClientMemory memory) {
    int kilobytes = 0;
    while (!memory.isScarce()) {
      memory.kept(KB);
      kilobytes++;
    }
    return kilobytes;
  }

  @Test
  void nothing_is_reported_below_4_kb() {
    ClientMemory memory = connection("10.0.0.1");
    memory.kept(4 * KB - 1);
    assertThat(budget.held()).isZero();
    memory.kept(1);
    assertThat(budget.held()).isEqualTo(4 * KB);
    memory.sent(1);
    assertThat(budget.held()).isEqualTo(4 * KB);
    memory.sent(4 * KB - 1);
    assertThat(budget.held()).isZero();
  }

  @Test
  void one_client_alone_takes_half() {
    assertThat(fill(connection("10.0.0.1"))).isBetween(600, 604);
  }

  @Test
  void two_clients_take_two_thirds_and_a_third_one_finds_a_share() {
    ClientMemory a = connection("10.0.0.1");
    ClientMemory b = connection("10.0.0.2");
    for (boolean more = true; more; ) {
      more = false;
      for (ClientMemory each : List.of(a, b)) {
        if (!each.isScarce()) {
          each.kept(KB);
          more = true;
        }
      }
    }
    assertThat(budget.held()).isBetween(800L * KB, 808L * KB);
    assertThat(fill(connection("10.0.0.3"))).isBetween(200, 204);
  }

  @ParameterizedTest
  @CsvSource({"10.0.0.1, 10.0.0.1", "2001:db8::1, 2001:db8:0:ff::1", "10.0.0.1, ::ffff:10.0.0.1"})
  void connections_of_one_client_have_one_share_together(String one, String other) {
    ClientMemory first = connection(one);
    ClientMemory second = connection(other);
    first.kept(4 * KB);
    second.kept(4 * KB);
    while (!first.isScarce()) {
      first.kept(KB);
      second.kept(KB);
    }
    assertThat(budget.held()).isBetween(600L * KB, 610L * KB);
  }

  @Test
  void twice_its_share_exhausts_a_connection() {
    ClientMemory memory = connection("10.0.0.1");
    memory.kept(796 * KB);
    assertThat(memory.isScarce()).isTrue();
    assertThat(memory.isExhausted()).isFalse();
    memory.kept(8 * KB);
    assertThat(memory.isExhausted()).isTrue();
  }

  @Test
  void a_connection_that_ends_gives_all_back() {
    ClientMemory memory = connection("10.0.0.1");
    memory.kept(100 * KB);
    memory.ended();
    assertThat(budget.held()).isZero();
    assertThat(fill(connection("10.0.0.1"))).isBetween(600, 604);
  }

  @Test
  void what_a_stream_keeps_after_the_end_is_not_counted() {
    Connection channel = new Connection("10.0.0.1");
    ClientMemory memory = memory(channel);
    memory.kept(8 * KB);
    channel.write(Unpooled.wrappedBuffer(new byte[8 * KB]));
    memory.look(1);
    memory.ended();
    memory.kept(100);
    memory.sent(8 * KB + 100);
    assertThat(budget.held()).isZero();
    assertThat(fill(connection("10.0.0.1"))).isBetween(600, 604);
    channel.finishAndReleaseAll();
  }

  @Test
  void a_client_that_a_proxy_protocol_header_names_has_the_share() {
    Connection channel = new Connection("10.0.0.1");
    ClientMemory memory = memory(channel);
    memory.kept(100 * KB);
    ClientMemory.named(channel, Objects.requireNonNull(IpAddress.parse("10.0.0.9")));
    memory.kept(704 * KB);
    memory.exhausted();
    assertThat(budget.exhaustedBy()).contains("client 10.0.0.9 held 804 KB");
  }

  @ParameterizedTest(name = "{0} KB unread for {1} ms: ends {2}")
  @CsvSource({
    "796, 5000, false",
    "804, 999, false",
    "804, 1000, true",
    "956, 999, false",
    "964, 1, true",
  })
  void a_connection_is_ended(int kilobytes, int millis, boolean ends) {
    Connection channel = new Connection("10.0.0.1");
    ClientMemory memory = memory(channel);
    memory.look(1);
    memory.kept(kilobytes * KB);
    memory.look(1 + TimeUnit.MILLISECONDS.toNanos(millis));
    assertThat(channel.isOpen()).isEqualTo(!ends);
    assertThat(ended).isEqualTo(ends ? 1 : 0);
  }

  @Test
  void a_client_that_reads_is_no_client_that_does_not() {
    Connection channel = new Connection("10.0.0.1");
    ClientMemory memory = memory(channel);
    memory.kept(820 * KB);
    for (int i = 0; i < 10; i++) {
      memory.sent(KB);
      memory.look(1 + i * SECOND);
    }
    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  void what_waits_for_the_socket_counts() {
    Connection channel = new Connection("10.0.0.1");
    ClientMemory memory = memory(channel);
    channel.write(Unpooled.wrappedBuffer(new byte[10 * KB]));
    memory.look(1);
    assertThat(budget.held()).isGreaterThanOrEqualTo(10 * KB);
    channel.flush();
    memory.look(2);
    assertThat(budget.held()).isZero();
    channel.finishAndReleaseAll();
  }

  @Test
  void what_waits_for_a_server_counts() {
    Connection channel = new Connection("10.0.0.1");
    ClientMemory memory = memory(channel);
    memory.unsent(804 * KB);
    assertThat(budget.held()).isEqualTo(804 * KB);
    memory.look(1);
    memory.unsent(-KB);
    memory.look(1 + SECOND);
    assertThat(channel.isOpen()).as("the server takes some").isTrue();
    memory.look(1 + 2 * SECOND);
    assertThat(channel.isOpen()).as("it takes no more").isFalse();
    memory.unsent(-803 * KB);
    assertThat(budget.held()).isZero();
  }

  @Test
  void what_is_not_decoded_counts() {
    ClientMemory memory = connection("10.0.0.1");
    memory.carriedBy(
        new ClientMemory.Carrier() {
          @Override
          public long requests() {
            return 0;
          }

          @Override
          public long undecoded() {
            return 20 * KB;
          }
        });
    memory.look(1);
    assertThat(budget.held()).isEqualTo(20 * KB);
  }

  @Test
  void requests_count_and_refuse_others_and_end_none() {
    AtomicInteger requests = new AtomicInteger();
    Connection channel = new Connection("10.0.0.1");
    ClientMemory memory = memory(channel);
    memory.carriedBy(() -> (long) requests.get() * ClientMemory.REQUEST);
    memory.look(1);
    while (memory.takesRequest() && requests.get() < 1000) {
      requests.incrementAndGet();
      memory.requestsChanged();
    }
    assertThat(requests.get()).isEqualTo(2 * MOST / 3 / ClientMemory.REQUEST);
    memory.look(2000 * SECOND);
    assertThat(channel.isOpen()).isTrue();
    assertThat(memory.isScarce()).isFalse();
    assertThat(memory.isExhausted()).isFalse();
    requests.set(0);
    memory.look(2001 * SECOND);
    assertThat(memory.takesRequest()).isTrue();
    assertThat(budget.held()).isZero();
  }

  @Test
  void requests_of_a_client_leave_its_connections_their_share_of_what_is_free() {
    for (int i = 0; i < 48; i++) {
      ClientMemory each = connection("10.0.0.1");
      each.carriedBy(() -> ClientMemory.REQUEST);
      each.look(1);
    }
    assertThat(budget.held()).isEqualTo(240 * KB);
    // As much as is free then, which is half of what the requests leave.
    assertThat(fill(connection("10.0.0.1"))).isBetween(480, 484);
  }

  @ParameterizedTest(name = "{0} connections with a request of {1} KB each: {2} KB are counted")
  @CsvSource({"1, 600, 0", "1, 601, 601", "60, 10, 0", "61, 10, 610", "90, 10, 900"})
  void requests_of_all_connections_count_once_they_may_take_half_of_the_memory(
      int connections, long kilobytes, int counted) {
    for (int i = 0; i < connections; i++) {
      ClientMemory each = connection("10.0.1." + i);
      each.carriedBy(() -> kilobytes * KB);
      each.requestsChanged();
    }
    assertThat(budget.held()).isEqualTo((long) counted * KB);
  }

  @ParameterizedTest(name = "{0} KB of others: {1} KB are counted of it at once")
  @CsvSource({"500, 0", "590, 0", "591, 10", "600, 10", "900, 10"})
  void a_request_counts_and_ends_at_once_where_half_is_taken(int others, int counted) {
    ClientMemory other = connection("10.0.0.2");
    other.kept(others * KB);
    AtomicInteger requests = new AtomicInteger(1);
    ClientMemory memory = connection("10.0.0.1");
    memory.carriedBy(() -> (long) requests.get() * 10 * KB);
    memory.requestsChanged();
    assertThat(budget.held()).isEqualTo((long) (others + counted) * KB);
    requests.set(0);
    memory.requestsChanged();
    assertThat(budget.held()).isEqualTo((long) others * KB);
  }

  @Test
  void requests_that_have_ended_before_they_are_reported_are_not_counted() {
    for (int i = 0; i < 60; i++) {
      AtomicInteger requests = new AtomicInteger(1);
      ClientMemory each = connection("10.0.1." + i);
      each.carriedBy(() -> (long) requests.get() * 10 * KB);
      each.requestsChanged();
      requests.set(0);
      each.requestsChanged();
    }
    ClientMemory last = connection("10.0.0.1");
    last.carriedBy(() -> 10 * KB);
    last.requestsChanged();
    assertThat(budget.held()).isEqualTo(10 * KB);
  }

  @Test
  void requests_of_others_end_no_connection_that_waits_for_its_client() {
    Connection channel = new Connection("10.0.0.1");
    ClientMemory slow = memory(channel);
    slow.look(1);
    slow.kept(128 * KB);
    for (int i = 0; i < 100; i++) {
      ClientMemory each = connection("10.0.1." + i);
      each.carriedBy(() -> 256 * KB);
      each.look(1);
    }
    slow.look(1 + 2 * SECOND);
    assertThat(channel.isOpen()).isTrue();
    assertThat(slow.isExhausted()).isFalse();
    assertThat(slow.isScarce()).isFalse();
    assertThat(connection("10.0.2.1").takesRequest()).isFalse();
  }

  @Test
  void a_tunnel_counts_until_it_ends() {
    Connection channel = new Connection("10.0.0.1");
    ClientMemory memory = memory(channel);
    ClientMemory.tunnel(channel, true);
    memory.look(1);
    assertThat(budget.held()).isEqualTo(6 * KB);
    ClientMemory.tunnel(channel, false);
    memory.look(2);
    assertThat(budget.held()).isZero();
  }

  @Test
  void what_the_first_decoder_has_not_decoded_counts() {
    Connection channel = new Connection("10.0.0.1");
    ClientMemory memory = memory(channel);
    LineBasedFrameDecoder first = new LineBasedFrameDecoder(64 * KB);
    channel.pipeline().addLast(first);
    channel.writeInbound(Unpooled.wrappedBuffer(new byte[20 * KB]));
    memory.look(1);
    assertThat(budget.held()).isEqualTo(20 * KB);
    memory.carriedBy(
        new ClientMemory.Carrier() {
          @Override
          public long requests() {
            return 0;
          }

          @Override
          public ByteToMessageDecoder decoder() {
            return first;
          }
        });
    memory.look(2);
    assertThat(budget.held()).as("its protocol counts that").isZero();
    channel.finishAndReleaseAll();
  }

  @Test
  void many_connections_of_one_client_have_less_each() {
    List<ClientMemory> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      ClientMemory each = connection("10.0.0.1");
      each.kept(4 * KB);
      all.add(each);
    }
    assertThat(fill(all.get(0))).isBetween(4, 10);
  }
}
