package dev.understudy.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files that are written, in folders like those of the kernel. */
class CpuGroupTest {
  @TempDir private Path mount;

  private void write(String file, String text) throws IOException {
    Files.createDirectories(mount.resolve(file).getParent());
    Files.writeString(mount.resolve(file), text);
  }

  private static String read(Path folder, String file) throws IOException {
    return Files.readString(folder.resolve(file));
  }

  @Test
  void in_version_1_quota_and_period_are_files_of_their_own() throws IOException {
    write("cpu/cpu.cfs_quota_us", "-1");
    CpuGroup group = CpuGroup.make(mount);
    group.limit(5);
    group.take(4711);
    assertThat(group.folder()).hasParent(mount.resolve("cpu"));
    assertThat(read(group.folder(), "cpu.cfs_period_us")).isEqualTo("100000");
    assertThat(read(group.folder(), "cpu.cfs_quota_us")).isEqualTo("5000");
    assertThat(read(group.folder(), "cgroup.procs")).isEqualTo("4711");
  }

  @Test
  void in_version_2_the_parent_switches_the_controller_on_and_one_file_has_both()
      throws IOException {
    write("cgroup.controllers", "cpuset cpu io\n");
    write("cgroup.subtree_control", "memory\n");
    CpuGroup group = CpuGroup.make(mount);
    group.limit(10);
    assertThat(read(mount, "cgroup.subtree_control")).isEqualTo("+cpu");
    assertThat(group.folder()).hasParent(mount);
    assertThat(read(group.folder(), "cpu.max")).isEqualTo("10000 100000");
  }

  @Test
  void a_controller_that_is_on_is_left_alone() throws IOException {
    write("cgroup.controllers", "cpu\n");
    write("cgroup.subtree_control", "cpu\n");
    CpuGroup.make(mount);
    assertThat(read(mount, "cgroup.subtree_control")).isEqualTo("cpu\n");
  }

  @Test
  void without_a_controller_it_says_what_is_missing() {
    assertThatThrownBy(() -> CpuGroup.make(mount))
        .isInstanceOf(CpuGroup.MissingException.class)
        .hasMessageContaining("there is no cpu controller")
        .hasMessageContaining(mount.resolve("cgroup.controllers").toString());
  }
}
