package dev.understudy.proxy.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.understudy.testing.ThreadStatus;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.EventExecutor;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Real threads and the real kernel; what it did is read from {@code /proc}. */
@EnabledOnOs(OS.LINUX)
class LinuxAffinityTest {

  /** The JVM asks {@code sched_getaffinity}, unless it was told another number. */
  @Test
  void as_many_cpus_are_found_as_the_jvm_finds() throws Exception {
    assertThat(new LinuxAffinity().get()).isEqualTo(ThreadStatus.allowedCpus());
    assertThat(new LinuxAffinity().get().cardinality())
        .isGreaterThanOrEqualTo(Runtime.getRuntime().availableProcessors());
  }

  @Test
  void a_thread_runs_where_it_has_asked_to_and_no_other_does() throws Exception {
    BitSet before = ThreadStatus.allowedCpus();
    BitSet last = new BitSet();
    last.set(before.length() - 1);

    assertThat(onOwnThread(last)).isEqualTo(last);
    assertThat(ThreadStatus.allowedCpus()).isEqualTo(before);
  }

  @Test
  void a_refusal_of_the_kernel_is_named() throws Exception {
    LinuxAffinity affinity = new LinuxAffinity();

    assertThatThrownBy(() -> affinity.set(new BitSet()))
        .isInstanceOf(CpuPinningException.class)
        .hasMessage("sched_setaffinity failed: EINVAL");
  }

  @Test
  void loops_get_a_cpu_each_when_there_are_just_as_many() throws Exception {
    BitSet all = ThreadStatus.allowedCpus();
    assumeTrue(all.cardinality() > 1, "with one CPU there is nothing to pin");

    List<BitSet> of = afterPinning(all.cardinality());

    assertThat(of).hasSize(all.cardinality()).doesNotHaveDuplicates();
    assertThat(of).allMatch(cpus -> cpus.cardinality() == 1 && all.intersects(cpus));
  }

  @Test
  void loops_run_anywhere_when_there_are_more_of_them_or_fewer() throws Exception {
    BitSet all = ThreadStatus.allowedCpus();

    assertThat(afterPinning(all.cardinality() + 1)).containsOnly(all);
    if (all.cardinality() > 1) {
      assertThat(afterPinning(all.cardinality() - 1)).containsOnly(all);
    }
  }

  private static List<BitSet> afterPinning(int loops) throws Exception {
    var group = new MultiThreadIoEventLoopGroup(loops, NioIoHandler.newFactory());
    try {
      LoopPinning.pin(group);
      List<BitSet> of = new ArrayList<>();
      for (EventExecutor loop : group) {
        of.add(loop.submit(ThreadStatus::allowedCpus).get());
      }
      return of;
    } finally {
      group.shutdownGracefully();
    }
  }

  private static BitSet onOwnThread(BitSet cpus) throws Exception {
    var group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    try {
      LinuxAffinity affinity = new LinuxAffinity();
      return group
          .submit(
              () -> {
                affinity.set(cpus);
                assertThat(affinity.get()).isEqualTo(cpus);
                return ThreadStatus.allowedCpus();
              })
          .get();
    } finally {
      group.shutdownGracefully();
    }
  }
}
