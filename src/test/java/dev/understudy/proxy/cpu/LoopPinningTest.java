package dev.understudy.proxy.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Rows;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two loops on a system that is made up. */
class LoopPinningTest {
  private final AtomicInteger threads = new AtomicInteger();
  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(
          2,
          (ThreadFactory) task -> new Thread(task, "loop-" + threads.incrementAndGet()),
          NioIoHandler.newFactory());
  private final String caller = Thread.currentThread().getName();

  @AfterEach
  void stop() {
    loops.shutdownGracefully();
  }

  @Rows(
      """
      # each loop gets its CPU on its own thread
      2 5     |        | caller=2 5, loop-1=2, loop-2=5 | pinned to CPUs: loop-1 to 2, loop-2 to 5
      # another number of CPUs changes nothing
      0 1 2 3 |        |                                | not pinned to CPUs: their number (2) differs from that of the allowed CPUs (4)
      # a system that refuses is found out before a loop is touched
      0 1     | caller |                                | not pinned to CPUs: refused
      # one loop that is refused does not hinder the other
      0 1     | loop-1 | caller=0 1, loop-2=1           | pinned to CPUs: loop-1 failed (refused), loop-2 to 1
      """)
  void loops_are_pinned(
      String allowed, @Nullable String refuses, @Nullable String set, String said) {
    FakeSystem system = new FakeSystem(cpus(allowed));
    if (refuses != null) {
      system.refusesOn = refuses.replace("caller", caller);
    }
    Map<String, BitSet> expected = new HashMap<>();
    for (String each : set == null ? new String[0] : set.split(", ")) {
      String[] thread = each.split("=");
      expected.put(thread[0].replace("caller", caller), cpus(thread[1]));
    }

    assertThat(LoopPinning.pin(loops, system)).isEqualTo("Event loops are " + said);
    assertThat(system.set).containsExactlyInAnyOrderEntriesOf(expected);
  }

  @Test
  void loops_that_have_ended_are_no_error() {
    loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();

    assertThat(LoopPinning.pin(loops, new FakeSystem(cpus("0 1"))))
        .isEqualTo("Event loops are not pinned to CPUs: they are stopping");
  }

  private static BitSet cpus(String numbers) {
    BitSet set = new BitSet();
    Stream.of(numbers.split(" ")).mapToInt(Integer::parseInt).forEach(set::set);
    return set;
  }

  /** What each thread has set, by its name. */
  private static final class FakeSystem implements ThreadAffinity {
    final Map<String, BitSet> set = new ConcurrentHashMap<>();
    volatile String refusesOn = "";
    private final BitSet allowed;

    FakeSystem(BitSet allowed) {
      this.allowed = allowed;
    }

    @Override
    public BitSet get() {
      return allowed;
    }

    @Override
    public void set(BitSet cpus) throws CpuPinningException {
      String thread = Thread.currentThread().getName();
      if (thread.equals(refusesOn)) {
        throw new CpuPinningException("refused");
      }
      set.put(thread, cpus);
    }
  }
}
