package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Debian package's service under a real systemd, from its start to its removal. */
class SystemdBootIT {
  private static final Duration LIMIT = Duration.ofMinutes(3);

  @TempDir private Path folder;

  private static void install(Chroot debian, Path folder) throws Exception {
    debian.copy(ImageBuilder.jdk(), "/usr/lib/jvm/some-java");
    debian.copy(DebianPackage.java(folder), "/java.deb");
    debian.copy(DebianPackage.build(folder, "1.0.0~test1"), "/first.deb");
    debian.copy(DebianPackage.build(folder, "1.0.0~test2"), "/second.deb");
    debian.must("dpkg", "--install", "/java.deb", "/first.deb");
    Files.writeString(debian.path("/etc/default/understudy"), "UNDERSTUDY_DRAIN_DELAY=0s\n");
    Path drop = debian.path("/etc/systemd/system/understudy.service.d/watchdog.conf");
    Files.createDirectories(drop.getParent());
    Files.writeString(drop, "[Service]\nWatchdogSec=20s\nTimeoutAbortSec=1s\n");
  }

  @Test
  void starts_is_watched_is_upgraded_stops_and_is_removed() throws Exception {
    try (Chroot debian =
        new Chroot(
            Files.createDirectory(folder.resolve("debian")), "adduser,dbus,systemd,systemd-sysv")) {
      install(debian, folder);
      try (BootedDebian machine = new BootedDebian(debian, folder.resolve("console.log"))) {
        assertThat(machine.property("ActiveState")).isEqualTo("inactive");
        assertStarts(machine);
        assertWatched(machine);
        assertUpgraded(machine);
        assertStops(machine);
        Chroot.Ended removed = machine.run("dpkg", "--remove", "understudy");
        assertThat(removed.status()).as(removed.said()).isZero();
        assertThat(machine.property("LoadState")).isNotEqualTo("loaded");
      }
    }
  }

  /** The command returns once the program has said that it is ready. */
  private static void assertStarts(BootedDebian machine) throws Exception {
    Chroot.Ended started = machine.run("systemctl", "start", "understudy");
    assertThat(started.status())
        .as("%s%s", started.said(), machine.run("journalctl", "-u", "understudy").said())
        .isZero();
    assertThat(machine.property("ActiveState")).isEqualTo("active");
    assertThat(machine.run("understudy", "status").said()).startsWith("replica: 1 pool: ");
    assertThat(machine.property("StatusText")).isEqualTo("0 of 1 pools served");
    assertThat(machine.run("cat", "/proc/" + machine.property("MainPID") + "/status").said())
        .containsPattern("CapEff:\\s+0+\n")
        .containsPattern("NoNewPrivs:\\s+1\n")
        .containsPattern("Seccomp:\\s+2\n");
    assertThat(machine.run("stat", "-c", "%U", "/var/lib/understudy/state.events").said())
        .isEqualTo("understudy\n");
  }

  private static void assertWatched(BootedDebian machine) throws Exception {
    String before = machine.property("MainPID");
    assertThat(machine.run("systemctl", "kill", "--signal=STOP", "understudy").status()).isZero();
    Await.until(
        "systemd has started it again",
        LIMIT,
        () ->
            machine.property("NRestarts").equals("1")
                && machine.property("ActiveState").equals("active"));
    assertThat(machine.property("MainPID")).isNotEqualTo(before);
    assertThat(machine.run("journalctl", "-u", "understudy").said()).contains("Watchdog timeout");
  }

  private static void assertUpgraded(BootedDebian machine) throws Exception {
    String before = machine.property("MainPID");
    Chroot.Ended upgraded = machine.run("dpkg", "--install", "/second.deb");
    assertThat(upgraded.status()).as(upgraded.said()).isZero();
    assertThat(machine.property("ActiveState")).isEqualTo("active");
    assertThat(machine.property("MainPID")).isNotEqualTo(before);
  }

  private static void assertStops(BootedDebian machine) throws Exception {
    Chroot.Ended stopped = machine.run("systemctl", "stop", "understudy");
    assertThat(stopped.status()).as(stopped.said()).isZero();
    assertThat(machine.property("ActiveState")).isEqualTo("inactive");
    assertThat(machine.property("Result")).isEqualTo("success");
    machine.run("journalctl", "--sync");
    assertThat(machine.run("journalctl", "-u", "understudy").said())
        .contains("Understudy stopped")
        .contains("understudy.service: Deactivated successfully.");
  }
}
