package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.scenario.HttpConnection;
import dev.understudy.scenario.Load;
import dev.understudy.scenario.Ports;
import dev.understudy.scenario.ServerProcess;
import dev.understudy.testing.Await;
import dev.understudy.testing.Chroot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Debian package's service under a real systemd, from its start to its removal. */
@Tag("packages")
class SystemdBootIT {
  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final Duration PERIOD = Duration.ofMillis(20);
  private static final String SETTINGS = "/etc/understudy/gateway.yaml";

  @TempDir private Path folder;
  private Chroot debian;
  private BootedDebian machine;
  private int port;
  private int management;
  private int relayed;

  /** A free port of those below 1024, which the unit may open as HAProxy's may. */
  private static int wellKnown() {
    return IntStream.range(900, 1024)
        .filter(candidate -> !Ports.listening(candidate))
        .findFirst()
        .orElseThrow();
  }

  private void install(ServerProcess server) throws Exception {
    debian.copy(ImageBuilder.jdk(), "/usr/lib/jvm/some-java");
    debian.copy(DebianPackage.java(folder), "/java.deb");
    debian.copy(DebianPackage.build(folder, "1.0.0~test1"), "/first.deb");
    debian.copy(DebianPackage.build(folder, "1.0.0~test2"), "/second.deb");
    // Only the upgrade below prepares the program for a Java.
    DebianPackage.installUnprepared(debian, "/java.deb", "/first.deb");
    port = wellKnown();
    management = Ports.free();
    relayed = Ports.free();
    Files.writeString(
        debian.path("/etc/default/understudy"),
        """
        UNDERSTUDY_DRAIN_DELAY=0s
        SERVER_PORT=%d
        MANAGEMENT_SERVER_PORT=%d
        """
            .formatted(port, management));
    Files.writeString(
        debian.path(SETTINGS),
        """
        listeners:
          relayed: { port: %d, pool: relayed }
        pools:
          app: { servers: { one: { url: "%s" } }, health: { path: /whoami, timeout: 20s } }
          relayed: { servers: { one: { url: "tcp://127.0.0.1:%d" } }, health: { type: http, path: /whoami, timeout: 20s } }
        routes:
          - { id: all, uri: "pool://app", predicates: ["Path=/**"] }
        """
            .formatted(relayed, server.url(), server.port()));
    Path drop = debian.path("/etc/systemd/system/understudy.service.d/watchdog.conf");
    Files.createDirectories(drop.getParent());
    Files.writeString(drop, "[Service]\nWatchdogSec=20s\nTimeoutAbortSec=1s\n");
  }

  @Test
  void starts_hands_over_is_watched_is_upgraded_stops_and_is_removed() throws Exception {
    try (ServerProcess server = ServerProcess.start("master", folder);
        Chroot made =
            new Chroot(
                Files.createDirectory(folder.resolve("debian")),
                "adduser,dbus,systemd,systemd-sysv")) {
      debian = made;
      install(server);
      try (BootedDebian booted = new BootedDebian(debian, folder.resolve("console.log"))) {
        machine = booted;
        assertThat(machine.property("ActiveState")).isEqualTo("inactive");
        assertStarts();
        assertHandsOver("systemctl", "reload", "understudy");
        assertGoesOnIfTheNextProcessFails();
        assertHandsOver("dpkg", "--install", "/second.deb");
        assertRestartedWhileTheProcessBeforeDrains();
        assertWatched();
        assertStops();
        Chroot.Ended removed = machine.run("dpkg", "--remove", "understudy");
        assertThat(removed.status()).as(removed.said()).isZero();
        assertThat(machine.property("LoadState")).isNotEqualTo("loaded");
      }
    }
  }

  private String journal() throws Exception {
    machine.run("journalctl", "--sync");
    return machine.run("journalctl", "-u", "understudy").said();
  }

  private boolean runs(String pid) throws Exception {
    return machine.run("test", "-d", "/proc/" + pid).status() == 0;
  }

  /** The command returns once the program has said that it is ready. */
  private void assertStarts() throws Exception {
    Chroot.Ended started = machine.run("systemctl", "start", "understudy");
    assertThat(started.status()).as("%s%s", started.said(), journal()).isZero();
    assertThat(machine.property("ActiveState")).isEqualTo("active");
    String server = "--server=http://localhost:" + management;
    assertThat(machine.run("understudy", "status", server).said()).startsWith("replica: 2 pools: ");
    assertThat(machine.property("StatusText")).isEqualTo("2 of 2 pools served");
    assertThat(machine.run("cat", "/proc/" + machine.property("MainPID") + "/status").said())
        // CAP_NET_BIND_SERVICE, capabilities(7), is bit 10 of them.
        .containsPattern("CapEff:\\s+0*400\n")
        .containsPattern("NoNewPrivs:\\s+1\n")
        .containsPattern("Seccomp:\\s+2\n");
    assertThat(machine.run("stat", "-c", "%U", "/var/lib/understudy/state.events").said())
        .isEqualTo("understudy\n");
    assertThat(machine.run("stat", "-c", "%U %a", "/run/understudy/handover.sock").said())
        .isEqualTo("understudy 600\n");
  }

  /** Without Java's own, as only the upgraded program has a cache to start from. */
  private String arguments(String pid) throws Exception {
    String all = machine.run("cat", "/proc/" + pid + "/cmdline").said();
    return all.substring(all.indexOf("-jar"));
  }

  /** No request fails, and a relayed connection stays where it is. */
  private void assertHandsOver(String... command) throws Exception {
    String before = machine.property("MainPID");
    String arguments = arguments(before);
    try (Load load = Load.start(port, PERIOD, new AtomicInteger(), "Host: test");
        HttpConnection connection = new HttpConnection(relayed)) {
      assertThat(connection.send("GET", "/whoami", "").body()).isEqualTo("master");
      long begin = System.nanoTime();
      Chroot.Ended ended = machine.run(command);
      System.out.printf(
          "%s: %.1f s%n", String.join(" ", command), (System.nanoTime() - begin) / 1e9);
      assertThat(ended.status()).as("%s%s", ended.said(), journal()).isZero();
      String now = machine.property("MainPID");
      assertThat(now).as("%s%s", ended.said(), journal()).isNotEqualTo(before);
      assertThat(machine.property("ActiveState")).isEqualTo("active");
      assertThat(machine.property("NRestarts")).isEqualTo("0");
      assertThat(arguments(now)).isEqualTo(arguments);
      Await.until(
          "the next process has told its status",
          LIMIT,
          () -> machine.property("StatusText").equals("2 of 2 pools served"));
      assertThat(connection.send("GET", "/whoami", "").body()).isEqualTo("master");
      assertThat(runs(before)).isTrue();
      assertThat(load.finish()).allMatch(Load.Sample::ok);
    }
    Await.until("the process before has ended", LIMIT, () -> !runs(before));
    assertThat(machine.run("systemctl", "status", "understudy").status()).isZero();
    assertThat(journal())
        .contains("Reloaded understudy.service", "Took over from process " + before)
        .doesNotContain("reception only permitted", "cannot be written", "ended unexpectedly");
  }

  private void assertGoesOnIfTheNextProcessFails() throws Exception {
    String before = machine.property("MainPID");
    String good = Files.readString(debian.path(SETTINGS));
    Files.writeString(debian.path(SETTINGS), good + "pools: [");
    Chroot.Ended reloaded = machine.run("systemctl", "reload", "understudy");
    Files.writeString(debian.path(SETTINGS), good);
    assertThat(reloaded.status()).as(reloaded.said()).isEqualTo(1);
    assertThat(machine.property("ActiveState")).isEqualTo("active");
    assertThat(machine.property("MainPID")).isEqualTo(before);
    assertThat(HttpConnection.once(port, "GET", "/whoami").status()).isEqualTo(200);
    assertThat(journal()).contains("has not taken over: it ended", "expected a closing bracket");
  }

  private void assertRestartedWhileTheProcessBeforeDrains() throws Exception {
    String before = machine.property("MainPID");
    try (HttpConnection connection = new HttpConnection(relayed)) {
      assertThat(connection.send("GET", "/whoami", "").status()).isEqualTo(200);
      assertThat(machine.run("systemctl", "reload", "understudy").status()).isZero();
      assertThat(runs(before)).isTrue();
      machine.run("systemctl", "kill", "--kill-who=main", "--signal=KILL", "understudy");
      awaitRestart("1");
      assertThat(runs(before)).isFalse();
    }
    assertThat(HttpConnection.once(port, "GET", "/whoami").status()).isEqualTo(200);
  }

  private void awaitRestart(String number) {
    Await.until(
        "systemd has started it again",
        LIMIT,
        () ->
            machine.property("NRestarts").equals(number)
                && machine.property("ActiveState").equals("active"));
  }

  private void assertWatched() throws Exception {
    String before = machine.property("MainPID");
    assertThat(machine.run("systemctl", "kill", "--signal=STOP", "understudy").status()).isZero();
    awaitRestart("2");
    assertThat(machine.property("MainPID")).isNotEqualTo(before);
    assertThat(journal()).contains("Watchdog timeout");
  }

  private void assertStops() throws Exception {
    String before = machine.property("MainPID");
    try (HttpConnection connection = new HttpConnection(relayed)) {
      assertThat(connection.send("GET", "/whoami", "").status()).isEqualTo(200);
      assertThat(machine.run("systemctl", "reload", "understudy").status()).isZero();
      String now = machine.property("MainPID");
      Chroot.Ended stopped = machine.run("systemctl", "stop", "understudy");
      assertThat(stopped.status()).as(stopped.said()).isZero();
      assertThat(List.of(runs(before), runs(now))).containsExactly(false, false);
    }
    assertThat(machine.property("ActiveState")).isEqualTo("inactive");
    assertThat(machine.property("Result")).isEqualTo("success");
    assertThat(journal())
        .contains("Understudy stopped")
        .contains("understudy.service: Deactivated successfully.");
  }
}
