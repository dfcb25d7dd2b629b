package dev.understudy.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.training.Training;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

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

  /** The image's command, without its arguments. */
  static List<String> entryPoint() {
    return List.of(
        lineWith("ENTRYPOINT ").replaceAll("^ENTRYPOINT \\[\"|\"\\]$", "").split("\",\\s*\"", -1));
  }

  private static List<String> options() throws IOException {
    return Files.readAllLines(Path.of("deploy/java.options")).stream()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .toList();
  }

  @Test
  void java_has_its_options_from_a_file_and_is_the_first_process() {
    assertThat(entryPoint()).containsExactly("java", "@/app/java.options");
    assertThat(dockerfile()).contains("WORKDIR /app\n", "COPY deploy/java.options ./\n");
  }

  /** The launcher takes what follows for the program's arguments. */
  @Test
  void the_options_end_with_the_jar() throws IOException {
    assertThat(options()).last().isEqualTo("-jar /app/understudy.jar");
    assertThat(options())
        .filteredOn(line -> !line.startsWith("-jar "))
        .noneMatch(s -> s.contains(" "));
  }

  /** An AOT cache is refused, silently, by a JVM with other options of many kinds. */
  @Test
  void the_aot_cache_is_trained_with_the_options_that_it_is_used_with() throws IOException {
    assertThat(options()).contains("-XX:AOTCache=/app/understudy.aot");
    assertThat(lineWith(Training.class.getName()))
        .contains(
            "sed -e 's/-XX:AOTCache=/-XX:AOTCacheOutput=/' -e '/^-jar /d' java.options",
            "java @/tmp/training.options -cp /app/understudy.jar ",
            "test -s /app/understudy.aot ");
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

    assertThat(lines.get(lastStage)).isEqualTo("FROM ${JRE}");
    assertThat(lines.indexOf(lineWith(Training.class.getName()))).isGreaterThan(lastStage);
  }

  /** A tag alone is another image after each update. */
  @Test
  void every_image_that_is_not_built_here_is_named_by_its_digest() {
    String digest = "@sha256:[0-9a-f]{64}";
    assertThat(lineWith("ARG JDK=")).matches("ARG JDK=eclipse-temurin:25-jdk" + digest);
    assertThat(lineWith("ARG JRE=")).matches("ARG JRE=eclipse-temurin:25-jre" + digest);
    assertThat(dockerfile().lines().filter(line -> line.startsWith("FROM ")))
        .containsExactly("FROM ${JDK} AS build", "FROM ${JRE}");

    List<String> images = new ArrayList<>();
    Manifests.documents("compose/compose.yaml")
        .forEach(document -> images.addAll(document.findValuesAsString("image")));
    for (String folder : List.of("example", "kubernetes")) {
      Manifests.resources(folder)
          .forEach(object -> images.addAll(object.findValuesAsString("image")));
    }
    assertThat(images)
        .filteredOn(image -> !image.contains("understudy:"))
        .isNotEmpty()
        .allMatch(image -> image.matches("[a-z/]+:v[0-9.]+" + digest));
  }

  /** It runs beside the proxy, inside of its limit. */
  @Test
  void a_command_in_the_container_has_a_small_bounded_heap() throws IOException {
    assertThat(Files.readAllLines(Path.of("deploy/client.options")))
        .contains("-Xmx32m", "-XX:MaxMetaspaceSize=64m", "-XX:+UseSerialGC")
        .last()
        .isEqualTo("-jar /app/understudy.jar");
  }

  @Test
  void the_image_has_its_licence_notices_in_one_visible_folder() {
    assertThat(lineWith(" /licenses/"))
        .isEqualTo(
            "COPY --from=build /build/LICENSE /build/NOTICE"
                + " /build/target/classes/META-INF/THIRD-PARTY.txt /licenses/");
  }

  @Test
  void the_image_has_its_bill_of_materials_where_its_label_says() {
    assertThat(lineWith("LABEL ")).contains("dev.understudy.sbom=\"/sbom/application.cdx.json\"");
    assertThat(lineWith(" /sbom/"))
        .isEqualTo(
            "COPY --from=build /build/target/classes/META-INF/sbom/application.cdx.json /sbom/");
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
        .containsExactlyInAnyOrder(
            ".mvn",
            "LICENSE",
            "NOTICE",
            "deploy/client.options",
            "deploy/java.options",
            "mvnw",
            "pom.xml",
            "src");
    assertThat(dockerfile())
        .contains(
            "COPY mvnw pom.xml LICENSE NOTICE ./",
            "COPY .mvn .mvn",
            "COPY src src",
            "COPY deploy/java.options ./",
            "COPY deploy/client.options ./");
  }
}
