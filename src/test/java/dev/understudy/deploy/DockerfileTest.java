package dev.understudy.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the image promises. */
class DockerfileTest {
  /** Without continuation lines' breaks. */
  static String dockerfile() {
    try {
      return Files.readString(Path.of("Dockerfile")).replaceAll("\\\\\n\\s*", "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String lineWith(String text) {
    List<String> lines = dockerfile().lines().filter(line -> line.contains(text)).toList();
    assertThat(lines).as(text).hasSize(1);
    return lines.get(0);
  }

  /** An AOT cache is refused, silently, by a JVM with other options of these kinds. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "-XX:+UseSerialGC",
        "-XX:MaxRAMPercentage=35",
        "-Xmn16m",
        "-XX:MinHeapFreeRatio=10",
        "-XX:MaxHeapFreeRatio=20",
        "-XX:TrimNativeHeapInterval=5000",
        "-XX:Tier3InvocationThreshold=1000",
        "-XX:Tier3MinInvocationThreshold=500",
        "-XX:Tier3CompileThreshold=4000",
        "-Djdk.reflect.useNativeAccessorOnly=true",
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow"
      })
  void the_aot_cache_is_trained_with_the_options_that_it_is_used_with(String option) {
    assertThat(lineWith("-XX:AOTCacheOutput=")).contains(option);
    assertThat(lineWith("ENTRYPOINT")).contains("\"" + option + "\"");
  }

  @Test
  void the_aot_cache_that_is_used_is_the_one_that_was_made() {
    assertThat(lineWith("-XX:AOTCacheOutput=")).contains("-XX:AOTCacheOutput=/app/understudy.aot");
    assertThat(lineWith("ENTRYPOINT")).contains("\"-XX:AOTCache=/app/understudy.aot\"");
  }

  /** Another build of Java would refuse the cache. */
  @Test
  void the_aot_cache_is_made_by_the_java_that_uses_it() {
    List<String> lines = dockerfile().lines().toList();
    int lastStage =
        IntStream.range(0, lines.size())
            .filter(i -> lines.get(i).startsWith("FROM "))
            .max()
            .orElseThrow();

    assertThat(lines.get(lastStage)).isEqualTo("FROM eclipse-temurin:25-jre");
    assertThat(lines.indexOf(lineWith("-XX:AOTCacheOutput="))).isGreaterThan(lastStage);
  }

  @Test
  void training_waits_for_the_management_port_to_be_ready() throws IOException {
    assertThat(Files.readString(Path.of("deploy/train.sh")))
        .contains(
            "/dev/tcp/127.0.0.1/"
                + Settings.ofThePod().get("management.server.port", Integer.class)
                + " ",
            "GET /actuator/health/readiness ");
  }

  @Test
  void the_image_does_not_run_as_root() {
    assertThat(lineWith("USER ")).matches("USER [1-9][0-9]+:[1-9][0-9]+");
  }

  @Test
  void everything_that_is_copied_from_the_context_is_let_into_it() throws IOException {
    List<String> let =
        Files.readAllLines(Path.of(".dockerignore")).stream()
            .filter(line -> line.startsWith("!"))
            .map(line -> line.substring(1))
            .toList();

    assertThat(let)
        .containsExactlyInAnyOrder(".mvn", "config", "deploy/train.sh", "mvnw", "pom.xml", "src");
    assertThat(dockerfile())
        .contains(
            "COPY mvnw pom.xml ./",
            "COPY .mvn .mvn",
            "COPY src src",
            "source=config,",
            "source=deploy/train.sh,");
  }
}
