package dev.understudy.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
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
  static final Path JAR = Path.of("target/understudy.jar");
  private static final String LICENCES = "META-INF/licenses/";

  /**
   * The {@code group:artifact:version} of a line, the last two of which name the library's file.
   */
  private static final Pattern COORDINATES =
      Pattern.compile("\\([\\w.-]+:([\\w.-]+):([\\w.-]+) - ");

  private static final Pattern LICENCE_TEXT = Pattern.compile("(?i)(META-INF/)?LICENSE(\\.\\w+)?");

  private static final Pattern NOTICE_TEXT = Pattern.compile("(?i)(META-INF/)?NOTICE(\\.\\w+)?");

  /** A class, a native library or a web page: no other library has it. */
  private static final Pattern OWN_FILE =
      Pattern.compile("(?!.*module-info).*\\.class|META-INF/(native|resources)/.*[^/]");

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

  /** Those of the class path whose content is in the jar. */
  static List<Path> libraries() throws IOException {
    List<Path> bundled = new ArrayList<>();
    try (JarFile jar = new JarFile(JAR.toFile())) {
      for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
        if (entry.endsWith(".jar") && isIn(jar, entry)) {
          bundled.add(Path.of(entry));
        }
      }
    }
    return bundled;
  }

  /** By its first class, or file for other programs. */
  private static boolean isIn(JarFile jar, String library) throws IOException {
    try (JarFile content = new JarFile(library)) {
      return content.stream()
          .map(JarEntry::getName)
          .filter(name -> OWN_FILE.matcher(name).matches())
          .findFirst()
          .filter(name -> jar.getJarEntry(name) != null)
          .isPresent();
    }
  }

  private static String name(Path library) {
    return library.getFileName().toString();
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
        .allSatisfy(file -> assertThat(listed).anyMatch(name -> isFileOf(name, name(file))));
  }

  /** With a classifier, such as {@code -linux-x86_64}, or without one. */
  private static boolean isFileOf(String nameAndVersion, String file) {
    return file.equals(nameAndVersion + ".jar") || file.startsWith(nameAndVersion + "-");
  }

  @Test
  void what_a_library_says_of_its_licence_is_in_a_folder_with_its_name() throws IOException {
    List<String> listed = namesIn(read("META-INF/THIRD-PARTY.txt"));
    for (Path library : libraries()) {
      String folder = folder(library, listed);
      try (JarFile content = new JarFile(library.toFile())) {
        for (JarEntry entry : Collections.list(content.entries())) {
          String name = entry.getName();
          if (LICENCE_TEXT.matcher(name).matches() || NOTICE_TEXT.matcher(name).matches()) {
            try (InputStream in = content.getInputStream(entry)) {
              assertThat(read(LICENCES + folder + "/" + name))
                  .as("%s of %s", name, library)
                  .isEqualTo(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            }
          }
        }
      }
    }
  }

  /** The name of its file without the version. */
  private static String folder(Path library, List<String> listed) {
    String file = name(library);
    String listedName =
        listed.stream().filter(each -> isFileOf(each, file)).findFirst().orElseThrow();
    String artifact = listedName.replaceFirst("-[0-9].*", "");
    return artifact + file.substring(listedName.length()).replace(".jar", "-jar");
  }

  /** Of a library under the Apache licence, the repository's own LICENSE is the text. */
  @Test
  void the_notice_names_every_library_that_lacks_the_text_of_its_licence() throws IOException {
    List<String> apache = librariesUnder("Apache-2.0");
    List<Path> others = new ArrayList<>(libraries());
    others.removeIf(
        file ->
            apache.stream().anyMatch(name -> isFileOf(name, name(file))) || hasLicenceText(file));

    assertThat(others).isNotEmpty();
    String notice = read("META-INF/NOTICE");
    assertThat(others)
        .allSatisfy(file -> assertThat(notice).contains(name(file).replaceFirst("-[0-9].*", "")));
  }

  /** The digest says that it is that very file. */
  @Test
  void every_bundled_library_is_in_the_bill_of_materials_with_licence_and_digest()
      throws IOException {
    for (JsonNode materials : materials()) {
      List<JsonNode> components = materials.path("components").valueStream().toList();
      for (Path library : libraries()) {
        String digest = digest(library);
        assertThat(components)
            .as(library.toString())
            .filteredOn(each -> each.path("hashes").findValuesAsString("content").contains(digest))
            .isNotEmpty()
            .allSatisfy(each -> assertThat(each.path("licenses")).isNotEmpty())
            .allSatisfy(each -> assertThat(each.path("purl").asString()).startsWith("pkg:maven/"));
      }
    }
  }

  private static String digest(Path library) throws IOException {
    return DigestUtils.sha256Hex(Files.readAllBytes(library));
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

  private static boolean hasLicenceText(Path library) {
    try (JarFile content = new JarFile(library.toFile())) {
      return content.stream().anyMatch(each -> LICENCE_TEXT.matcher(each.getName()).matches());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
