package dev.understudy.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code /usr/bin/understudy} runs the right Java with the right options. */
class DebianLauncherTest {
  private static final Path LAUNCHER = Path.of("deploy/debian/understudy").toAbsolutePath();

  @TempDir private Path folder;
  private final Map<String, String> environment = new HashMap<>();

  private record Ended(int status, List<String> lines) {}

  @BeforeEach
  void bareMachine() throws IOException {
    environment.put("UNDERSTUDY_JVMS", Files.createDirectory(folder.resolve("jvm")).toString());
    environment.put("UNDERSTUDY_SHARE", "/s");
    environment.put("UNDERSTUDY_RUNTIME", folder.resolve("runtime").toString());
    environment.put("UNDERSTUDY_CACHE", folder.resolve("cache").toString());
    environment.put("UNDERSTUDY_ETC", "/e");
    environment.put("PATH", Files.createDirectory(folder.resolve("bin")) + ":/usr/bin:/bin");
    // The machine that runs the test may have a java on its PATH.
    environment.put("JAVA_HOME", "");
    java(folder.resolve("old"), "17.0.9");
    Files.createSymbolicLink(folder.resolve("bin/java"), folder.resolve("old/bin/java"));
  }

  /** A Java that prints its own name and its arguments. */
  private static Path java(Path home, String version) throws IOException {
    Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\nfor a in \"$0\" \"$@\"; do echo \"$a\"; done\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    return java;
  }

  private Path installed(String name, String version) throws IOException {
    return java(folder.resolve("jvm").resolve(name), version);
  }

  private Ended run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("/bin/sh", LAUNCHER.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().clear();
    builder.environment().putAll(environment);
    Process process = builder.start();
    List<String> lines = process.inputReader().lines().toList();
    return new Ended(process.waitFor(), lines);
  }

  /**
   * Javas and their versions, F being the test's folder; a variable; what is run; which Java runs
   * it; and options in their order, or none such.
   */
  @Rows(
      """
      # the newest Java that is installed runs it
      jvm/a-9=9; jvm/b-21=21.0.4; jvm/c-25=25; jvm/d-17=17.0.9 | A=b | --version | jvm/c-25 | --version
      # the package's own runtime is preferred to what is installed
      jvm/java-25=25; runtime=25 | A=b | --version | runtime | --version
      # JAVA_HOME is preferred if it is new enough
      jvm/java-25=25; own=21.0.4 | JAVA_HOME=F/own | --version | own | --version
      jvm/java-25=25; own=21.0.4 | JAVA_HOME=F/old | --version | jvm/java-25 | --version
      # a named Java is taken whatever it is
      jvm/java-25=25 | UNDERSTUDY_JAVA=F/old/bin/java | --version | old | --version
      # only a Java before 25 ignores options that it does not know: a newer one refuses a misspelt one
      jvm/java-21=21.0.1 | A=b | serve | jvm/java-21 | -XX:+IgnoreUnrecognizedVMOptions; @/s/java.options
      jvm/java-21=21.0.1 | A=b | demo | jvm/java-21 | -XX:+IgnoreUnrecognizedVMOptions; @/s/java.options
      jvm/java-21=21.0.1; jvm/java-25=25.0.1 | A=b | serve | jvm/java-25 | no -XX:+IgnoreUnrecognizedVMOptions
      # an operator's options come last
      jvm/java-25=25 | JAVA_OPTS=-Xmx512m -Dx=y | serve | jvm/java-25 | @/s/java.options; --sun-misc-unsafe-memory-access=allow; -Xmx512m; -Dx=y; -jar
      # the demo has no settings of /etc
      jvm/java-21=21 | A=b | demo; --server.port=1 | jvm/java-21 | @/s/java.options; -jar; /s/understudy.jar; demo; --server.port=1
      jvm/java-21=21 | A=b | demo; --server.port=1 | jvm/java-21 | no --spring.config.additional-location=optional:file:/e/
      # other commands start quickly and get their arguments as they are
      jvm/java-21=21 | A=b | switch; a pool; auto; --reason=two words | jvm/java-21 | -XX:TieredStopAtLevel=1; /s/understudy.jar; switch; a pool; auto; --reason=two words
      jvm/java-21=21 | A=b | switch; a pool; auto; --reason=two words | jvm/java-21 | no @/s/java.options
      """)
  void the_right_java_has_the_right_options(
      String javas, String variable, String arguments, String runs, String options)
      throws Exception {
    for (String java : javas.split("; ")) {
      java(folder.resolve(java.replaceFirst("=.*", "")), java.replaceFirst(".*=", ""));
    }
    String[] pair = variable.replace("F/", folder + "/").split("=", 2);
    environment.put(pair[0], pair[1]);
    List<String> lines = run(arguments.split("; ")).lines();
    assertThat(lines).first().isEqualTo(folder.resolve(runs).resolve("bin/java").toString());
    if (!arguments.equals("serve")) {
      assertThat(lines).endsWith(arguments.split("; "));
    }
    if (options.startsWith("no ")) {
      assertThat(lines).doesNotContain(options.substring("no ".length()));
    } else {
      assertThat(lines).containsSubsequence(options.split("; "));
    }
  }

  /** A Java whose build is known, so that it may have caches. */
  private void build(Path java, String build) throws IOException {
    Path release = java.getParent().resolveSibling("release");
    Files.writeString(
        release,
        Files.readString(release) + "JAVA_RUNTIME_VERSION=\"" + build + "\"\nSOURCE=\"a=b\"\n");
  }

  private Path cache(String name) throws IOException {
    Path file = folder.resolve("cache").resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, "cache");
  }

  private List<String> caches() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("cache"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void each_java_starts_from_its_own_cache_of_what_the_command_needs() throws Exception {
    build(installed("java-25", "25.0.3"), "25.0.3+9");
    String serve = "-XX:AOTCache=" + cache("serve-25.0.3+9");
    String checks = "-XX:AOTCache=" + cache("checks-25.0.3+9");
    String clients = "-XX:AOTCache=" + cache("clients-25.0.3+9");
    assertThat(run("serve").lines()).contains(serve).doesNotContain(checks, clients);
    assertThat(run("demo").lines()).contains(serve).doesNotContain(checks, clients);
    assertThat(run("import", "a.cfg").lines()).contains(checks).doesNotContain(serve, clients);
    assertThat(run("status").lines()).contains(clients).doesNotContain(serve, checks);
  }

  @Test
  void a_java_before_25_starts_from_an_archive_of_classes() throws Exception {
    build(installed("java-21", "21.0.4"), "21.0.4+7-Debian");
    String archive = "-XX:SharedArchiveFile=" + cache("serve-21.0.4+7-Debian");
    assertThat(run("serve").lines()).contains(archive);
  }

  @Test
  void without_a_cache_the_server_alone_says_that_it_starts_slowly() throws Exception {
    build(installed("java-25", "25.0.3"), "25.0.3+9");
    cache("serve-25.0.2+8");
    String said =
        "understudy: starts slowly: not prepared for Java 25.0.3+9 (understudy --prepare, as root)";
    assertThat(run("serve").lines()).startsWith(said).noneMatch(line -> line.contains("AOTCache"));
    assertThat(run("status").lines()).doesNotContain(said);
  }

  /** With a Java that writes the cache it is told to. */
  private void making(String build, int status) throws IOException {
    Path java = installed("java-25", "25.0.3");
    build(java, build);
    Files.writeString(
        java,
        """
        #!/bin/sh
        for a; do case $a in -XX:AOTCacheOutput=*) echo made > "${a#*=}" ;; esac; done
        echo said; exit %d
        """
            .formatted(status));
    Path share = Files.createDirectories(folder.resolve("share"));
    Path jar = Files.writeString(share.resolve("understudy.jar"), "");
    assertThat(jar.toFile().setLastModified(0)).isTrue();
    environment.put("UNDERSTUDY_SHARE", share.toString());
  }

  @Test
  void preparing_makes_all_caches_once_and_removes_those_of_another_java() throws Exception {
    making("25.0.3+9", 0);
    cache("serve-25.0.2+8");
    cache("clients-25.0.2+8");
    Ended first = run("--prepare");
    assertThat(first.status()).as("%s", first.lines()).isZero();
    assertThat(first.lines()).last().asString().contains("is prepared for Java 25.0.3+9, in ");
    assertThat(caches())
        .containsExactly("checks-25.0.3+9", "clients-25.0.3+9", "lock", "serve-25.0.3+9");
    assertThat(run("--prepare").lines())
        .singleElement()
        .asString()
        .contains("is prepared for Java 25.0.3+9 already");
  }

  @Test
  void preparing_that_fails_says_why_and_keeps_what_there_was() throws Exception {
    making("25.0.3+9", 1);
    cache("serve-25.0.2+8");
    Ended ended = run("--prepare");
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.lines()).contains("said").last().asString().contains("could not be prepared");
    assertThat(caches()).containsExactly("lock", "serve-25.0.2+8");
  }

  @Test
  void the_java_of_the_path_is_the_last_choice() throws Exception {
    Files.delete(folder.resolve("bin/java"));
    Path there = java(folder.resolve("there"), "22.0.1");
    Files.createSymbolicLink(folder.resolve("bin/java"), there);
    assertThat(run("--version").lines()).first().isEqualTo(there.toString());
  }

  @Test
  void without_a_new_enough_java_it_says_what_to_install() throws Exception {
    installed("java-17", "17.0.9");
    Ended ended = run("serve");
    assertThat(ended.status()).isEqualTo(1);
    assertThat(ended.lines())
        .singleElement()
        .asString()
        .startsWith("understudy: needs Java 21 or newer, and found none in ")
        .contains(
            "install openjdk-21-jre-headless, or the package of Understudy that brings a Java"
                + " (VERSION+java), or set JAVA_HOME");
  }

  @Test
  void serve_has_the_options_of_the_image_and_the_settings_of_etc() throws Exception {
    installed("java-22", "22.0.1");
    for (String[] given : new String[][] {{"serve", "--a=b c"}, {"--a=b c"}}) {
      assertThat(run(given).lines().subList(1, 8))
          .containsExactly(
              "-XX:+IgnoreUnrecognizedVMOptions",
              "@/s/java.options",
              "-jar",
              "/s/understudy.jar",
              "serve",
              "--spring.config.additional-location=optional:file:/e/",
              "--a=b c");
    }
    assertThat(run().lines())
        .endsWith("serve", "--spring.config.additional-location=optional:file:/e/");
  }

  /** The running process starts the next one with the arguments that it has itself. */
  @Test
  void a_next_process_has_the_same_arguments_by_the_same_launcher() throws Exception {
    Path java = installed("java-25", "25.0.1");
    Files.writeString(
        java, "#!/bin/sh\necho \"$UNDERSTUDY_LAUNCHER\"; for a in \"$@\"; do echo \"$a\"; done\n");
    environment.put("UNDERSTUDY_LAUNCHER", "/of/another");
    List<String> first = run("--a=b c").lines();
    assertThat(first).first().isEqualTo(LAUNCHER.toString());
    String[] arguments = first.subList(first.indexOf("serve"), first.size()).toArray(String[]::new);
    assertThat(arguments)
        .containsExactly(
            "serve", "--spring.config.additional-location=optional:file:/e/", "--a=b c");
    assertThat(run(arguments).lines()).isEqualTo(first);
  }
}
