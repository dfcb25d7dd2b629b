package dev.understudy.proxy.frontend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.fairness.ClientNetwork;
import dev.understudy.network.IpAddress;
import io.netty.util.internal.PlatformDependent;
import java.util.Objects;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class MemorySharesTest {
  private static final int KB = 1024;
  private static final int MB = 1024 * KB;

  /** Kilobytes, of 1000 in all. */
  @ParameterizedTest(name = "bytes {0}, requests {1}, connections {2}: {3}")
  @CsvSource({
    "0, 0, 0, 1000",
    "0, 0, 1, 1000",
    "100, 0, 1, 900",
    "100, 0, 3, 300",
    "100, 200, 1, 700",
    "100, 600, 1, 400",
    "100, 900, 1, 400",
    "100, 5000, 1, 400",
    "600, 900, 1, 0",
    "1200, 0, 1, 0",
  })
  void requests_leave_bytes_half_before_their_servers_wait(
      int bytes, int requests, int connections, int expected) {
    assertThat(shares(bytes, requests).untilServersWait(connections))
        .isEqualTo((long) expected * KB);
  }

  @ParameterizedTest(name = "bytes {0}, requests {1}, connections {2}: {3}")
  @CsvSource({
    "0, 0, 1, 1000",
    "100, 0, 1, 900",
    "100, 900, 1, 900",
    "100, 5000, 1, 900",
    "100, 5000, 3, 300",
    "1200, 0, 1, 0",
  })
  void requests_end_no_connection(int bytes, int requests, int connections, int expected) {
    assertThat(shares(bytes, requests).untilEnded(connections)).isEqualTo((long) expected * KB);
  }

  @ParameterizedTest(name = "bytes {0}, requests {1}, of the network {2}, cost {3}: {4}")
  @CsvSource({
    // Half of all is free.
    "0, 0, 0, 10, true",
    "0, 500, 500, 10, true",
    "400, 100, 500, 10, true",
    // There is room: a network may have 64 KB, and twice what is free.
    "0, 660, 660, 10, true",
    "0, 664, 664, 10, false",
    "0, 980, 54, 10, true",
    "0, 980, 55, 10, false",
    "400, 400, 390, 10, true",
    "400, 400, 391, 10, false",
    // What is free of all.
    "0, 990, 0, 10, true",
    "0, 991, 55, 10, false",
    "300, 690, 54, 10, true",
    "300, 691, 55, 10, false",
    // The half that bytes cannot take.
    "900, 490, 54, 10, true",
    "900, 490, 55, 10, false",
    "2000, 0, 0, 10, true",
    "2000, 0, 55, 10, false",
    // What others have taken leaves something for a network that holds little.
    "900, 491, 54, 10, true",
    "900, 17374, 0, 10, true",
    "900, 17375, 0, 10, false",
    "300, 1200, 54, 10, true",
    "0, 17375, 0, 10, false",
  })
  void a_network_may_have_a_request(int bytes, int requests, int held, int cost, boolean expected) {
    assertThat(shares(bytes, requests).mayHaveRequest((long) held * KB, (long) cost * KB))
        .isEqualTo(expected);
  }

  @ParameterizedTest(name = "bytes {0}, requests {1}, loops {2}: {3}")
  @CsvSource({
    "0, 0, 1, 500",
    "0, 0, 4, 125",
    "100, 200, 2, 100",
    "300, 200, 2, 0",
    "900, 900, 2, 0",
    "0, 0, 0, 500",
  })
  void the_loops_leave_no_more_than_the_free_half_unreported(
      int bytes, int requests, int loops, int expected) {
    assertThat(shares(bytes, requests).unreported(loops)).isEqualTo((long) expected * KB);
  }

  private static MemoryShares shares(long bytes, long requests) {
    return new MemoryShares(1000 * KB, bytes * KB, requests * KB);
  }

  /** The least, and the default here, of 192 and of 384 MB of heap. */
  static LongStream memories() {
    return LongStream.of(MB, PlatformDependent.maxDirectMemory() / 2, 96L * MB, 192L * MB);
  }

  @ParameterizedTest
  @MethodSource("memories")
  void requests_of_any_number_of_networks_fit_into_the_memory_and_reset_nobody(long most) {
    ClientMemoryBudget budget = new ClientMemoryBudget(most, () -> {});
    int cost = ClientMemory.CONNECTION + ClientMemory.REQUEST;
    ClientNetwork slow = network(0);
    ClientMemoryBudget.Share download = budget.entered(slow);
    download.waiting.incrementAndGet();
    budget.add(download, 128 * KB, cost);
    long before = budget.untilEnded(download);
    int taken = 0;
    int networks = (int) (2 * (most + MemoryShares.REFUSED) / cost);
    for (int i = 1; i <= networks; i++) {
      ClientNetwork each = network(i);
      while (budget.takesRequest(each, cost) && taken < 2 * networks) {
        budget.add(budget.entered(each), 0, cost);
        taken++;
      }
    }
    assertThat(taken).isBetween(networks / 4, networks / 2 + 1);
    assertThat(budget.held()).isLessThanOrEqualTo(most + MemoryShares.REFUSED + 128 * KB);
    assertThat(budget.untilEnded(download)).isEqualTo(before).isGreaterThan(128 * KB);
    assertThat(budget.untilServersWait(download)).isEqualTo(most / 2 - 128 * KB);
  }

  private static ClientNetwork network(int number) {
    return ClientNetwork.of(
        Objects.requireNonNull(
            IpAddress.parse(
                "10.%d.%d.%d".formatted(number >> 16, number >> 8 & 255, number & 255))));
  }
}
