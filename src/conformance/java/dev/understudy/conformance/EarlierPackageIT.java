package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.scenario.HttpConnection;
import dev.understudy.scenario.Load;
import dev.understudy.scenario.Ports;
import dev.understudy.scenario.ServerProcess;
import dev.understudy.testing.Await;
import dev.understudy.testing.Chroot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/**
 * The Debian package of {@link EarlierRelease}, which serves under systemd, is replaced by this
 * version's under load, and this one by the earlier again: settings, user and state stay.
 */
@Tag("packages")
class EarlierPackageIT {
  private static final Duration PERIOD = Duration.ofMillis(20);
  private static final String GATEWAY = "/etc/understudy/gateway.yaml";
  private static final String APPLICATION = "/etc/understudy/application.yaml";
  private static final String DEFAULTS = "/etc/default/understudy";

  @TempDir private Path folder;
  private Chroot debian;
  private BootedDebian machine;
  private int port;
  private int management;

  /** Its program is its own classes before the libraries of today's jar. */
  private Path earlier() throws Exception {
    Path root = EarlierRelease.unpackPackage(folder);
    Path program = root.resolve("usr/share/understudy");
    Path manifest =
        Files.writeString(
            folder.resolve("manifest"),
            """
            Main-Class: dev.understudy.Main
            Class-Path: lib/libraries.jar
            Enable-Native-Access: ALL-UNNAMED
            """);
    run(
        ImageBuilder.jdk().resolve("bin/jar").toString(),
        "--create",
        "--file=" + program.resolve("understudy.jar"),
        "--manifest=" + manifest,
        "-C",
        EarlierRelease.unpack(folder).classes().toString(),
        ".");
    Files.createDirectories(program.resolve("lib"));
    Files.copy(
        Path.of("target/understudy.jar"),
        program.resolve("lib/libraries.jar"),
        StandardCopyOption.REPLACE_EXISTING);
    Path deb = folder.resolve("earlier.deb");
    run(
        "dpkg-deb",
        "--root-owner-group",
        "--build",
        "-Zgzip",
        "-z1",
        root.toString(),
        deb.toString());
    return deb;
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(said).isZero();
  }

  @Test
  void is_replaced_under_load_and_back() throws Exception {
    try (ServerProcess master = ServerProcess.start("master", folder);
        ServerProcess backup = ServerProcess.start("backup", folder);
        Chroot made =
            new Chroot(
                Files.createDirectory(folder.resolve("debian")),
                "adduser,dbus,systemd,systemd-sysv")) {
      debian = made;
      install(master, backup);
      String settings = settings();
      String user = debian.must("getent", "passwd", "understudy");
      try (BootedDebian booted = new BootedDebian(debian, folder.resolve("console.log"))) {
        machine = booted;
        must("systemctl", "start", "understudy");
        must("understudy", "switch", "app", "backup", server(), "--token-file=/token");
        assertServes("backup");
        replace("/now.deb");
        assertThat(settings()).isEqualTo(settings);
        assertThat(must("getent", "passwd", "understudy")).isEqualTo(user);
        assertThat(must("stat", "-c", "%U:%G %a", "/var/lib/understudy/state").strip())
            .isEqualTo("understudy:understudy 600");
        assertThat(debian.path("/usr/share/understudy/lib")).doesNotExist();
        assertThat(debian.path("/etc/understudy/extensions")).isDirectory();
        assertThat(machine.property("NeedDaemonReload")).isEqualTo("no");
        assertThat(machine.property("ExecReload")).contains("understudy upgrade");
        assertServes("backup");
        assertHandsOver();
        replace("/earlier.deb");
        assertThat(settings()).isEqualTo(settings);
        assertThat(machine.property("ExecReload")).isEmpty();
        assertServes("backup");
      }
    }
  }

  private void install(ServerProcess master, ServerProcess backup) throws Exception {
    debian.copy(ImageBuilder.jdk(), "/usr/lib/jvm/some-java");
    debian.copy(DebianPackage.java(folder), "/java.deb");
    debian.copy(earlier(), "/earlier.deb");
    debian.copy(DebianPackage.build(folder, "1.0.0~test1"), "/now.deb");
    DebianPackage.installUnprepared(debian, "/java.deb", "/earlier.deb");
    port = Ports.free();
    management = Ports.free();
    Files.writeString(debian.path("/token"), Operated.TOKEN);
    Files.writeString(
        debian.path(DEFAULTS),
        """
        UNDERSTUDY_DRAIN_DELAY=0s
        UNDERSTUDY_ADMIN_TOKEN=%s
        SERVER_PORT=%d
        MANAGEMENT_SERVER_PORT=%d
        """
            .formatted(Operated.TOKEN, port, management));
    Files.writeString(
        debian.path(APPLICATION),
        Files.readString(debian.path(APPLICATION)) + "# An operator's own.\n");
    Files.writeString(
        debian.path(GATEWAY),
        """
        pools:
          app:
            servers:
              master: { url: "%s", role: master }
              backup: { url: "%s", role: backup }
            health: { path: /whoami, timeout: 20s }
        routes:
          - { id: all, uri: "pool://app", predicates: ["Path=/**"] }
        """
            .formatted(master.url(), backup.url()));
  }

  private String settings() throws IOException {
    return Files.readString(debian.path(GATEWAY))
        + Files.readString(debian.path(APPLICATION))
        + Files.readString(debian.path(DEFAULTS));
  }

  private String server() {
    return "--server=http://localhost:" + management;
  }

  private String must(String... command) throws Exception {
    Chroot.Ended ended = machine.run(command);
    assertThat(ended.status()).as("%s%s", ended.said(), journal()).isZero();
    return ended.said();
  }

  private String journal() throws Exception {
    return machine.run("journalctl", "-u", "understudy").said();
  }

  private void assertServes(String name) {
    Await.until(
        name + " serves", () -> HttpConnection.once(port, "GET", "/whoami").body().equals(name));
  }

  /** One restart, for whose time no connection is accepted; the requests before it are served. */
  private void replace(String deb) throws Exception {
    String before = machine.property("MainPID");
    try (Load load = Load.start(port, PERIOD, new AtomicInteger(), "Host: test")) {
      // Without the caches, which take long.
      must("env", "UNDERSTUDY_JAVA=/bin/false", "dpkg", "--install", deb);
      Await.until("another process serves", () -> isOther(before));
      assertServes("backup");
      List<Load.Sample> samples = load.finish();
      long failed = samples.stream().filter(each -> !each.ok()).count();
      System.out.printf("%s: %d of %d requests failed%n", deb, failed, samples.size());
      assertThat(samples.getFirst().ok()).isTrue();
      assertThat(samples.getLast().ok()).isTrue();
    }
    assertThat(machine.property("NRestarts")).isEqualTo("0");
    String pool = HttpConnection.once(management, "GET", "/api/pools/app").body();
    assertThat(JsonMapper.shared().readTree(pool).at("/pinned").asString("")).isEqualTo("backup");
  }

  private boolean isOther(String before) throws Exception {
    return machine.property("ActiveState").equals("active")
        && !machine.property("MainPID").equals(before);
  }

  /** From then on an upgrade loses nothing. */
  private void assertHandsOver() throws Exception {
    String before = machine.property("MainPID");
    try (Load load = Load.start(port, PERIOD, new AtomicInteger(), "Host: test")) {
      must("systemctl", "reload", "understudy");
      assertThat(machine.property("MainPID")).isNotEqualTo(before);
      assertServes("backup");
      assertThat(load.finish()).allMatch(Load.Sample::ok);
    }
  }
}
