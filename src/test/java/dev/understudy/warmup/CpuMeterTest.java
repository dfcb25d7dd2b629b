package dev.understudy.warmup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads the files of a kernel. */
class CpuMeterTest {
  private static final long SECOND = 1_000_000_000L;

  @TempDir private Path folder;
  private Path proc;
  private Path groups;

  @BeforeEach
  void make() throws IOException {
    proc = folder.resolve("proc");
    groups = folder.resolve("cgroup");
    write("proc/stat", "cpu  100000 200000 300000 400 500 600000 700000 800000 0 0\ncpu0 1 2\n");
  }

  private void write(String file, String text) throws IOException {
    Path path = folder.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private CpuMeter meter() {
    return new CpuMeter(proc, groups, 4);
  }

  @Test
  void without_a_quota_the_machine_counts_with_all_that_works_on_it() throws IOException {
    write("proc/self/cgroup", "0::/\n");
    CpuMeter meter = meter();
    assertThat(meter.processors()).isEqualTo(4);
    CpuShare.Use use = meter.read();
    // Of 100 ticks each: user, nice, system, irq, softirq, steal.
    assertThat(use.own() + use.others()).isEqualTo(27_000 * SECOND);
  }

  @Test
  void the_smallest_quota_around_the_process_counts_with_what_its_group_used() throws IOException {
    write("proc/self/cgroup", "0::/system.slice/understudy.service\n");
    write("cgroup/system.slice/cpu.max", "150000 100000\n");
    write("cgroup/system.slice/cpu.stat", "usage_usec 9000000\nuser_usec 1\n");
    write("cgroup/system.slice/understudy.service/cpu.max", "max 100000\n");
    CpuMeter meter = meter();
    assertThat(meter.processors()).isEqualTo(1.5);
    CpuShare.Use use = meter.read();
    assertThat(use.own() + use.others()).isEqualTo(Math.max(use.own(), 9 * SECOND));
  }

  @Test
  void a_container_finds_its_quota_at_the_top_of_what_it_sees() throws IOException {
    write("proc/self/cgroup", "0::/\n");
    write("cgroup/cpu.max", "10000 100000\n");
    assertThat(meter().processors()).isEqualTo(0.1);
  }

  @Test
  void the_first_version_of_control_groups_is_read_as_well() throws IOException {
    write("proc/self/cgroup", "5:memory:/a\n4:cpu,cpuacct:/docker/1\n");
    write("cgroup/cpu/cpu.cfs_quota_us", "50000\n");
    write("cgroup/cpu/cpu.cfs_period_us", "100000\n");
    write("cgroup/cpu/cpuacct.usage", "9000000000\n");
    CpuMeter meter = meter();
    assertThat(meter.processors()).isEqualTo(0.5);
    CpuShare.Use use = meter.read();
    assertThat(use.own() + use.others()).isEqualTo(Math.max(use.own(), 9 * SECOND));
  }

  @Test
  void no_quota_of_the_first_version_is_none() throws IOException {
    write("proc/self/cgroup", "4:cpu,cpuacct:/\n");
    write("cgroup/cpu/cpu.cfs_quota_us", "-1\n");
    write("cgroup/cpu/cpu.cfs_period_us", "100000\n");
    assertThat(meter().processors()).isEqualTo(4);
  }

  @Test
  void what_cannot_be_read_leaves_the_processors_that_java_knows_and_no_others() {
    CpuMeter meter = new CpuMeter(folder.resolve("nowhere"), folder.resolve("nowhere"), 4);
    assertThat(meter.processors()).isEqualTo(4);
    assertThat(meter.read().others()).isZero();
  }
}
