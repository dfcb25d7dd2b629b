package dev.understudy.proxy.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.BitSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
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

  @Test
  void each_loop_gets_its_cpu_on_its_own_thread() {
    FakeSystem system = new FakeSystem(cpus(2, 5));

    String said = LoopPinning.pin(loops, system);

    assertThat(system.set)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(caller, cpus(2, 5), "loop-1", cpus(2), "loop-2", cpus(5)));
    assertThat(said).isEqualTo("Event loops are pinned to CPUs: loop-1 to 2, loop-2 to 5");
  }

  @Test
  void another_number_of_cpus_changes_nothing() {
    FakeSystem system = new FakeSystem(cpus(0, 1, 2, 3));

    String said = LoopPinning.pin(loops, system);

    assertThat(system.set).isEmpty();
    assertThat(said)
        .isEqualTo(
            "Event loops are not pinned to CPUs: their number (2) differs from that of the allowed"
                + " CPUs (4)");
  }

  @Test
  void a_system_that_refuses_is_found_out_before_a_loop_is_touched() {
    FakeSystem system = new FakeSystem(cpus(0, 1));
    system.refusesOn = caller;

    String said = LoopPinning.pin(loops, system);

    assertThat(system.set).isEmpty();
    assertThat(said).isEqualTo("Event loops are not pinned to CPUs: refused");
  }

  @Test
  void one_loop_that_is_refused_does_not_hinder_the_other() {
    FakeSystem system = new FakeSystem(cpus(0, 1));
    system.refusesOn = "loop-1";

    String said = LoopPinning.pin(loops, system);

    assertThat(system.set).containsEntry("loop-2", cpus(1)).doesNotContainKey("loop-1");
    assertThat(said)
        .isEqualTo("Event loops are pinned to CPUs: loop-1 failed (refused), loop-2 to 1");
  }

  @Test
  void loops_that_have_ended_are_no_error() {
    loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();

    assertThat(LoopPinning.pin(loops, new FakeSystem(cpus(0, 1))))
        .isEqualTo("Event loops are not pinned to CPUs: they are stopping");
  }

  private static BitSet cpus(int... numbers) {
    BitSet set = new BitSet();
    IntStream.of(numbers).forEach(set::set);
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
