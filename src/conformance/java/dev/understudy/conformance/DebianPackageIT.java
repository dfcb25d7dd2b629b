package dev.understudy.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.scenario.HttpConnection;
import dev.understudy.scenario.Ports;
import dev.understudy.scenario.ServerProcess;
import dev.understudy.testing.Await;
import dev.understudy.testing.Chroot;
import dev.understudy.testing.Extent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Debian package's life on a machine that has nothing but Debian and a Java. */
@Tag("packages")
class DebianPackageIT {
  private static final Duration START = Duration.ofMinutes(2);
  private static final String PROGRAM = "/usr/share/understudy/understudy.jar";
  private static final String GATEWAY = "/etc/understudy/gateway.yaml";
  private static final String APPLICATION = "/etc/understudy/application.yaml";

  /** Under /etc, as the package makes them. */
  private static final String SETTINGS =
      "understudy understudy/extensions understudy/application.yaml understudy/gateway.yaml"
          + " default/understudy";

  private static final List<String> MADE =
      List.of(
          "understudy root:understudy 750",
          "understudy/extensions root:understudy 750",
          "understudy/application.yaml root:understudy 640",
          "understudy/gateway.yaml root:understudy 640",
          "default/understudy root:root 644");

  private static final String CACHE = "/var/cache/understudy";
  private static final String STATE = "/var/lib/understudy/state";
  private static final String PREPARED = "is prepared for Java ";

  @TempDir private static Path packages;
  private static Path first;
  private static Path second;
  private static Path withJava;

  @TempDir private Path folder;

  @BeforeAll
  static void build() throws Exception {
    first = DebianPackage.build(packages, "1.0.0~test1");
    second = DebianPackage.buildWithOtherExamples(packages, "1.0.0~test2");
    withJava = DebianPackage.buildWithJava(packages, "1.0.0~test1");
  }

  @Test
  void lintian_finds_nothing() throws Exception {
    Process process =
        new ProcessBuilder(
                "lintian",
                "--allow-root",
                "--tag-display-limit=0",
                first.toString(),
                withJava.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes());
    process.waitFor();
    boolean documented = Files.exists(Path.of("target/man/understudy.1"));
    assertThat(said.lines().filter(line -> line.matches("[EW]: .*")))
        .filteredOn(line -> documented || !line.contains("no-manual-page"))
        .isEmpty();
  }

  /** Beside .ci/release, which makes them from two copies of the sources. */
  @Test
  @Tag(Extent.SLOW)
  void the_same_jar_gives_the_same_package() throws Exception {
    byte[] before = Files.readAllBytes(first);
    assertThat(Files.readAllBytes(DebianPackage.build(packages, "1.0.0~test1"))).isEqualTo(before);
    before = Files.readAllBytes(withJava);
    assertThat(Files.readAllBytes(DebianPackage.buildWithJava(packages, "1.0.0~test1")))
        .isEqualTo(before);
  }

  @Test
  void any_name_of_a_maintainer_is_taken_as_it_is() throws Exception {
    String name = "R&D / Ops \\1 $HOME Team";
    Path deb =
        DebianPackage.build(folder, Map.of("DEBFULLNAME", name, "DEBEMAIL", "a&b/c@example.org"));
    assertThat(DebianPackage.field(deb, "Maintainer")).isEqualTo(name + " <a&b/c@example.org>");
  }

  @Test
  void is_installed_run_upgraded_removed_and_purged() throws Exception {
    try (Chroot debian = new Chroot(Files.createDirectory(folder.resolve("debian")), "adduser");
        ServerProcess server = ServerProcess.start("master", folder)) {
      debian.copy(ImageBuilder.jdk(), "/usr/lib/jvm/some-java");
      debian.copy(DebianPackage.java(folder), "/java.deb");
      debian.copy(first, "/first.deb");
      debian.copy(second, "/second.deb");

      assertThat(debian.run("dpkg", "--install", "/first.deb").said())
          .contains("understudy depends on java21-runtime-headless");
      assertThat(debian.must("dpkg", "--install", "/java.deb", "/first.deb")).contains(PREPARED);
      assertInstalled(debian);
      assertPrepared(debian);
      assertServes(debian, server, "/some-java/bin/java");
      assertFallsBack(debian);
      assertPreparedForAnotherJava(debian);
      assertUpgraded(debian);
      assertRemoved(debian);
      assertPurged(debian);
      assertInstalledAgain(debian);
    }
  }

  /** Of a newer Java too, as the one that an upgrade brings. */
  @Test
  void a_package_with_java_is_newer_than_the_one_without_and_names_the_java() throws Exception {
    String version = DebianPackage.field(withJava, "Version");
    assertThat(version).matches("1\\.0\\.0~test1\\+java[0-9]+[0-9.+A-Z]*");
    assertThat(DebianPackage.field(withJava, "Depends")).isEqualTo("libc6 (>= 2.17), adduser");
    assertThat(DebianPackage.field(first, "Architecture")).isEqualTo("all");
    for (String older : List.of("1.0.0~test1", "1.0.0~test1+java25.0.0")) {
      assertThat(
              new ProcessBuilder("dpkg", "--compare-versions", version, "gt", older)
                  .start()
                  .waitFor())
          .isZero();
    }
  }

  @Test
  void a_java_that_is_no_jdk_or_too_old_is_not_packed() throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder("deploy/debian/build.sh", "--with-java", folder.toString())
            .redirectErrorStream(true);
    builder.environment().put("JAVA_HOME", folder.toString());
    Process process = builder.start();
    assertThat(new String(process.getInputStream().readAllBytes()))
        .endsWith(folder + " is no JDK 25 or newer with jlink: set JAVA_HOME\n");
    assertThat(process.waitFor()).isEqualTo(1);
  }

  /** As on Debian 12, which has no Java that is new enough. */
  @Test
  @Tag(Extent.SLOW)
  void one_file_is_all_that_a_machine_without_a_java_needs() throws Exception {
    try (Chroot debian =
            new Chroot(Files.createDirectory(folder.resolve("bare")), "adduser", "apt");
        ServerProcess server = ServerProcess.start("master", folder)) {
      debian.copy(first, "/first.deb");
      debian.copy(withJava, "/with-java.deb");
      assertThat(debian.run("apt-get", "install", "--yes", "/first.deb"))
          .returns(100, Chroot.Ended::status)
          .extracting(Chroot.Ended::said, InstanceOfAssertFactories.STRING)
          .contains("Depends: java21-runtime-headless");
      // From that file alone.
      assertThat(debian.must("apt-get", "install", "--yes", "/with-java.deb")).contains(PREPARED);
      assertPrepared(debian);
      assertThat(debian.must("understudy", "validate", GATEWAY)).contains(GATEWAY + ": good");
      assertServes(debian, server, "/usr/lib/understudy/runtime/bin/java");
      debian.must("dpkg", "--purge", "understudy");
      assertThat(debian.path(CACHE)).doesNotExist();
      assertThat(debian.path("/usr/lib/understudy")).doesNotExist();
    }
  }

  private static void assertInstalled(Chroot debian) throws Exception {
    assertThat(debian.must("understudy", "--version")).contains("Understudy ");
    assertThat(debian.must("understudy", "validate", GATEWAY)).contains(GATEWAY + ": good");
    assertThat(debian.must("stat", "-c", "%U:%G %a", "/var/lib/understudy").strip())
        .isEqualTo("understudy:understudy 750");
    assertThat(debian.must("sh", "-c", "cd /etc && stat -c '%n %U:%G %a' " + SETTINGS).lines())
        .containsExactlyElementsOf(MADE);
    assertOtherUsersNeedSettingsOfTheirOwn(debian);
    assertThat(debian.must("getent", "passwd", "understudy"))
        .contains(":/var/lib/understudy:/usr/sbin/nologin");
    assertThat(debian.path("/usr/lib/systemd/system/understudy.service"))
        .hasSameTextualContentAs(Path.of("deploy/systemd/understudy.service"));
    assertThat(debian.path("/usr/share/understudy/java.options"))
        .content()
        .contains("-XX:MaxRAMPercentage=25", "-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError")
        .doesNotContain("/app/", "#");
    for (Map.Entry<String, String> made :
        Map.of(
                "target/man/understudy.1", "/usr/share/man/man1/understudy.1.gz",
                "target/completion/understudy.bash",
                    "/usr/share/bash-completion/completions/understudy",
                "target/completion/_understudy", "/usr/share/zsh/vendor-completions/_understudy")
            .entrySet()) {
      assertThat(Files.exists(debian.path(made.getValue())))
          .as(made.getValue())
          .isEqualTo(Files.exists(Path.of(made.getKey())));
    }
  }

  /** With {@code AOTMode=on} Java exits if it cannot use the cache. */
  private static void assertPrepared(Chroot debian) throws Exception {
    assertThat(debian.must("sh", "-c", "stat -c '%U %a' " + CACHE + " " + CACHE + "/*-*").lines())
        .containsExactly("root 755", "root 644", "root 644", "root 644");
    assertThat(debian.must("env", "JAVA_OPTS=-XX:AOTMode=on", "understudy", "--version"))
        .startsWith("Understudy ");
    assertThat(debian.must("understudy", "--prepare")).contains(PREPARED, "already");
  }

  /** From a cache that Java refuses, the command runs without a word about it. */
  private static void assertFallsBack(Chroot debian) throws Exception {
    debian.must("sh", "-c", "truncate -s 1000000 " + CACHE + "/clients-*");
    assertThat(debian.must("understudy", "--version").lines())
        .singleElement()
        .asString()
        .startsWith("Understudy ");
    debian.must("sh", "-c", "rm " + CACHE + "/clients-*");
    assertThat(debian.must("understudy", "--version")).startsWith("Understudy ");
  }

  private static void assertPreparedForAnotherJava(Chroot debian) throws Exception {
    assertThat(debian.must("dpkg", "--install", "/java.deb"))
        .containsSubsequence("Processing triggers for understudy", PREPARED);
    assertPrepared(debian);
  }

  private static void assertOtherUsersNeedSettingsOfTheirOwn(Chroot debian) throws Exception {
    for (String given : List.of("serve", "--server.port=1", "--understudy.config=")) {
      assertThat(asNobody(debian, "A=b", given))
          .returns(1, Chroot.Ended::status)
          .extracting(Chroot.Ended::said, InstanceOfAssertFactories.STRING)
          .startsWith("understudy: /etc/understudy is readable for root and the group understudy")
          .endsWith("or name a file of your own: --understudy.config=FILE\n");
    }
    for (String own :
        List.of("--understudy.config=/my.yaml", "--spring.config.additional-location=/my/")) {
      assertThat(asNobody(debian, "A=b", "serve", own))
          .returns(0, Chroot.Ended::status)
          .extracting(Chroot.Ended::said, InstanceOfAssertFactories.STRING)
          .endsWith(" " + own + "\n");
    }
    assertThat(asNobody(debian, "UNDERSTUDY_CONFIG=/my.yaml", "serve").status()).isZero();
  }

  /** With a Java that prints its arguments. */
  private static Chroot.Ended asNobody(Chroot debian, String variable, String... arguments)
      throws Exception {
    List<String> command = new ArrayList<>(List.of("setpriv", "--reuid=65534", "--clear-groups"));
    command.addAll(List.of("env", variable, "UNDERSTUDY_JAVA=/bin/echo", "understudy"));
    command.addAll(List.of(arguments));
    return debian.run(command.toArray(String[]::new));
  }

  private void assertServes(Chroot debian, ServerProcess server, String java) throws Exception {
    int port = Ports.free();
    int management = Ports.free();
    Path log = folder.resolve("understudy.log");
    Process proxy =
        debian.start(
            "understudy",
            log,
            Map.of("MASTER_URL", server.url(), "BACKUP_URL", "http://127.0.0.1:" + Ports.free()),
            "/usr/bin/understudy",
            "serve",
            "--server.port=" + port,
            "--management.server.port=" + management,
            "--understudy.drain.delay=0s");
    try {
      Await.until(
          "the package's program is ready",
          START,
          () -> {
            if (!proxy.isAlive()) {
              throw new IllegalStateException(Files.readString(log));
            }
            return status(management) == 200;
          });
      assertThat(HttpConnection.once(port, "GET", "/whoami").body()).isEqualTo("master");
      assertThat(HttpConnection.once(management, "GET", "/api/config").body())
          .contains("\"file\" : \"" + GATEWAY + "\"");
      assertThat(Files.readString(Path.of("/proc/" + proxy.pid() + "/maps")))
          .contains(CACHE + "/serve-");
      // The launcher is replaced by Java, so that systemd and signals meet Java itself.
      assertThat(proxy.info().command().orElseThrow()).endsWith(java);
      Await.until("its state is kept", () -> Files.exists(debian.path(STATE)));
    } finally {
      proxy.destroy();
      assertThat(proxy.waitFor(1, TimeUnit.MINUTES)).isTrue();
    }
    assertThat(proxy.exitValue()).as(Files.readString(log)).isEqualTo(143);
    assertThat(Files.readString(log)).doesNotContain("WARNING:");
  }

  private static int status(int management) {
    try {
      return HttpConnection.once(management, "GET", "/actuator/health/readiness").status();
    } catch (IOException e) {
      return 0;
    }
  }

  private static void assertUpgraded(Chroot debian) throws Exception {
    String own = "# An operator's own.\n" + Files.readString(debian.path(GATEWAY));
    Files.writeString(debian.path(GATEWAY), own);
    String before = Files.readString(debian.path(APPLICATION));
    // An operator may delete what only repeats defaults.
    Path options = debian.path("/etc/default/understudy");
    Files.delete(options);
    // Input is /dev/null: dpkg would fail if it had to ask.
    installUnprepared(debian, "/second.deb");
    assertThat(debian.path(GATEWAY)).hasContent(own);
    assertThat(debian.path(APPLICATION)).hasContent(before);
    assertThat(options).doesNotExist();
    assertThat(debian.path(STATE)).exists();
    assertThat(debian.must("dpkg-query", "--show", "--showformat=${Version}", "understudy"))
        .isEqualTo("1.0.0~test2");
    try (Stream<Path> beside = Files.list(debian.path("/etc/understudy"))) {
      assertThat(beside.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("application.yaml", "extensions", "gateway.yaml");
    }
  }

  private static void assertRemoved(Chroot debian) throws Exception {
    debian.must("dpkg", "--remove", "understudy");
    assertThat(debian.path(PROGRAM)).doesNotExist();
    assertThat(debian.path("/usr/share/understudy")).doesNotExist();
    assertThat(debian.path("/usr/bin/understudy")).doesNotExist();
    assertThat(debian.path(CACHE)).doesNotExist();
    assertThat(debian.path(GATEWAY)).exists();
    assertThat(debian.path(STATE)).exists();
  }

  private static void assertPurged(Chroot debian) throws Exception {
    Path token = Files.writeString(debian.path("/etc/understudy/token"), "secret");
    debian.must("chgrp", "understudy", "/etc/understudy/token");
    debian.must("dpkg", "--purge", "understudy");
    assertThat(debian.path(GATEWAY)).doesNotExist();
    // The operator's own, which a later system user must not get with the number of the group.
    debian.must("adduser", "--system", "--group", "--no-create-home", "other");
    assertThat(debian.must("sh", "-c", "cd /etc && stat -c '%n %G' understudy/token understudy"))
        .isEqualTo("understudy/token understudy\nunderstudy understudy\n");
    Files.delete(token);
    Files.delete(token.getParent());
    try (Stream<Path> etc = Files.walk(debian.path("/etc"));
        Stream<Path> lib = Files.list(debian.path("/var/lib"));
        Stream<Path> usr = Files.walk(debian.path("/usr/share"))) {
      List<Path> left =
          Stream.of(etc, lib, usr)
              .flatMap(each -> each)
              .filter(path -> path.getFileName().toString().contains("understudy"))
              .toList();
      assertThat(left).isEmpty();
    }
  }

  /** The purge has forgotten what was deleted, and the user is there already. */
  private static void assertInstalledAgain(Chroot debian) throws Exception {
    installUnprepared(debian, "/first.deb");
    assertThat(debian.must("sh", "-c", "cd /etc && stat -c '%n %U:%G %a' " + SETTINGS).lines())
        .containsExactlyElementsOf(MADE);
  }

  private static void installUnprepared(Chroot debian, String deb) throws Exception {
    assertThat(DebianPackage.installUnprepared(debian, deb))
        .contains("cannot be prepared for /bin/false");
    assertThat(debian.path(CACHE)).doesNotExist();
  }
}
