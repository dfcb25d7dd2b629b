package dev.understudy.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarInputStream;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The licence, the notices, the list of third-party licences and the bill of materials in the jar.
 */
class LicenceNoticesIT {
  private static final Path JAR = Path.of("target/understudy.jar");
  private static final String LIBRARIES = "BOOT-INF/lib/";

  /**
   * The {@code group:artifact:version} of a line, the last two of which name the library's file.
   */
  private static final Pattern COORDINATES =
      Pattern.compile("\\([\\w.-]+:([\\w.-]+):([\\w.-]+) - ");

  private static final Pattern LICENCE_TEXT = Pattern.compile("(?i)(META-INF/)?LICENSE(\\.\\w+)?");

  private static final String MATERIALS = "META-INF/sbom/application.cdx.json";

  /** Offline, Maven leaves out what makes it. */
  private static List<JsonNode> materials() throws IOException {
    try (JarFile jar = new JarFile(JAR.toFile())) {
      if (jar.getJarEntry(MATERIALS) == null) {
        assertThat(System.getProperty("understudy.maven")).isEqualTo("offline: true");
        return List.of();
      }
    }
    return List.of(JsonMapper.shared().readTree(read(MATERIALS)));
  }

  private static String read(String entry) throws IOException {
    try (JarFile jar = new JarFile(JAR.toFile());
        InputStream in = jar.getInputStream(jar.getJarEntry(entry))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static List<String> libraries() throws IOException {
    try (JarFile jar = new JarFile(JAR.toFile())) {
      return jar.stream()
          .map(JarEntry::getName)
          .filter(name -> name.startsWith(LIBRARIES) && name.endsWith(".jar"))
          .map(name -> name.substring(LIBRARIES.length()))
          .toList();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"LICENSE", "NOTICE"})
  void the_jar_has_the_repositorys_file(String name) throws IOException {
    assertThat(read("META-INF/" + name)).isEqualTo(Files.readString(Path.of(name)));
  }

  @Test
  void every_bundled_library_is_named_with_its_version() throws IOException {
    List<String> listed = namesIn(read("META-INF/THIRD-PARTY.txt"));

    assertThat(libraries())
        .hasSizeGreaterThan(50)
        .allSatisfy(file -> assertThat(listed).anyMatch(name -> isFileOf(name, file)));
  }

  /** With a classifier, such as {@code -linux-x86_64}, or without one. */
  private static boolean isFileOf(String nameAndVersion, String file) {
    return file.equals(nameAndVersion + ".jar") || file.startsWith(nameAndVersion + "-");
  }

  @Test
  void classes_that_boot_adds_are_named_in_the_notice() throws IOException {
    assertThat(read("META-INF/NOTICE")).contains("spring-boot-loader");
  }

  /** Of a library under the Apache licence, the repository's own LICENSE is the text. */
  @Test
  void the_notice_names_every_library_that_lacks_the_text_of_its_licence() throws IOException {
    List<String> apache = librariesUnder("Apache-2.0");
    List<String> others = new ArrayList<>(libraries());
    others.removeIf(
        file -> apache.stream().anyMatch(name -> isFileOf(name, file)) || hasLicenceText(file));

    assertThat(others).isNotEmpty();
    String notice = read("META-INF/NOTICE");
    assertThat(others)
        .allSatisfy(file -> assertThat(notice).contains(file.replaceFirst("-[0-9].*", "")));
  }

  /** The digest says that it is that very file. */
  @Test
  void every_bundled_library_is_in_the_bill_of_materials_with_licence_and_digest()
      throws IOException {
    for (JsonNode materials : materials()) {
      List<JsonNode> components = materials.path("components").valueStream().toList();
      for (String library : libraries()) {
        String digest = digest(library);
        assertThat(components)
            .as(library)
            .filteredOn(each -> each.path("hashes").findValuesAsString("content").contains(digest))
            .isNotEmpty()
            .allSatisfy(each -> assertThat(each.path("licenses")).isNotEmpty())
            .allSatisfy(each -> assertThat(each.path("purl").asString()).startsWith("pkg:maven/"));
      }
    }
  }

  private static String digest(String library) throws IOException {
    try (JarFile jar = new JarFile(JAR.toFile());
        InputStream in = jar.getInputStream(jar.getJarEntry(LIBRARIES + library))) {
      return DigestUtils.sha256Hex(in);
    }
  }

  /** Both would differ with each build. */
  @Test
  void the_bill_of_materials_has_neither_a_time_nor_a_serial_number() throws IOException {
    for (JsonNode materials : materials()) {
      assertThat(materials.path("bomFormat").asString()).isEqualTo("CycloneDX");
      assertThat(materials.at("/metadata/component/name").asString()).isEqualTo("understudy");
      assertThat(materials.has("serialNumber")).isFalse();
      assertThat(materials.at("/metadata/timestamp").isMissingNode()).isTrue();
    }
  }

  private static List<String> librariesUnder(String licence) throws IOException {
    String list = read("META-INF/THIRD-PARTY.txt");
    String section = list.split("\n {4}" + Pattern.quote(licence) + ":\n", 2)[1];
    return namesIn(section.split("\n {4}[^ ]", 2)[0]);
  }

  private static List<String> namesIn(String list) {
    return COORDINATES
        .matcher(list)
        .results()
        .map(line -> line.group(1) + "-" + line.group(2))
        .toList();
  }

  private static boolean hasLicenceText(String library) {
    try (JarFile jar = new JarFile(JAR.toFile());
        JarInputStream content =
            new JarInputStream(jar.getInputStream(jar.getJarEntry(LIBRARIES + library)))) {
      return Stream.generate(() -> nextName(content))
          .takeWhile(Optional::isPresent)
          .flatMap(Optional::stream)
          .anyMatch(name -> LICENCE_TEXT.matcher(name).matches());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<String> nextName(JarInputStream content) {
    try {
      return Optional.ofNullable(content.getNextJarEntry()).map(JarEntry::getName);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
