package dev.understudy.deploy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.understudy.Main;
import io.netty.handler.codec.DelimiterBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import java.io.File;
import java.lang.reflect.Method;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code deploy/security/understudy.openvex.json} is OpenVEX 0.2.0, of what is in the jar, and
 * names tests that are there.
 */
class OpenVexTest {
  private static final String PRODUCT = "pkg:maven/dev.understudy/understudy@";
  private static final String SHOWN_BY = "Shown by ";

  /** A library of Maven, by group, artifact and version. */
  private static final Pattern LIBRARY = Pattern.compile("pkg:maven/[^/@]+/([^/@]+)@([^/@?#]+)");

  /** Of {@code not_affected}. */
  private static final Set<String> JUSTIFICATIONS =
      Set.of(
          "component_not_present",
          "vulnerable_code_not_present",
          "vulnerable_code_not_in_execute_path",
          "vulnerable_code_cannot_be_controlled_by_adversary",
          "inline_mitigations_already_exist");

  private static JsonNode document() throws Exception {
    return JsonMapper.shared()
        .readTree(Files.readString(Path.of("deploy/security/understudy.openvex.json")));
  }

  /** Those on the present version, each with its advisory's name. */
  static Stream<Object[]> statements() throws Exception {
    return document()
        .path("statements")
        .valueStream()
        .filter(each -> !each.path("status").asString().equals("affected"))
        .map(each -> new Object[] {each.at("/vulnerability/name").asString(), each});
  }

  @Test
  void the_document_has_what_openvex_requires() throws Exception {
    JsonNode document = document();
    assertThat(document.path("@context").asString()).isEqualTo("https://openvex.dev/ns/v0.2.0");
    assertThat(document.path("@id").asString())
        .isEqualTo("urn:understudy:openvex:" + VersionTest.ofTheProject());
    assertThat(document.path("author").asString()).isNotBlank();
    assertThat(Instant.parse(document.path("timestamp").asString())).isNotNull();
    assertThat(document.path("version").asInt()).isPositive();
    assertThat(document.path("statements").size()).isPositive();
  }

  @Test
  void there_is_one_statement_for_each_advisory_and_version() throws Exception {
    Set<String> names = new HashSet<>();
    for (JsonNode each : document().path("statements")) {
      String name =
          each.at("/vulnerability/name").asString() + each.at("/products/0/@id").asString();
      assertThat(names.add(name)).as("a second statement on %s", name).isTrue();
    }
  }

  /** What is mended since. */
  @Test
  void only_earlier_versions_are_affected_and_there_is_a_remedy() throws Exception {
    String present = PRODUCT + VersionTest.ofTheProject();
    for (JsonNode each : document().path("statements")) {
      String product = each.at("/products/0/@id").asString();
      assertThat(product).startsWith(PRODUCT);
      assertThat(each.path("status").asString().equals("affected"))
          .as("%s: %s", each.at("/vulnerability/name"), product)
          .isEqualTo(!product.equals(present))
          .isEqualTo(each.has("action_statement"));
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("statements")
  void a_statement_is_of_the_versions_in_the_jar(String name, JsonNode statement) throws Exception {
    JsonNode product = statement.at("/products/0");
    assertThat(statement.path("products").size()).isEqualTo(1);
    assertThat(product.path("@id").asString()).isEqualTo(PRODUCT + VersionTest.ofTheProject());
    assertThat(product.path("subcomponents").size()).isPositive();
    for (JsonNode each : product.path("subcomponents")) {
      Matcher library = LIBRARY.matcher(each.path("@id").asString());
      assertThat(library.matches()).as("%s: %s", name, each).isTrue();
      assertThat(classPath()).contains(library.group(1) + "-" + library.group(2) + ".jar");
    }
  }

  /** The names of its files. */
  private static Stream<String> classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(entry -> Path.of(entry).getFileName().toString());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("statements")
  void a_statement_says_why_and_names_tests_that_show_it(String name, JsonNode statement)
      throws Exception {
    String impact = statement.path("impact_statement").asString();
    assertThat(statement.path("status").asString()).isIn("not_affected", "fixed");
    if (statement.path("status").asString().equals("not_affected")) {
      assertThat(statement.path("justification").asString()).isIn(JUSTIFICATIONS);
    }
    assertThat(impact).as(name).contains(SHOWN_BY).endsWith(".");
    String tests = impact.substring(impact.indexOf(SHOWN_BY) + SHOWN_BY.length());
    for (String each : tests.substring(0, tests.length() - 1).split(", ")) {
      int dot = each.lastIndexOf('.');
      Class<?> type = Class.forName("dev.understudy." + each.substring(0, dot));
      assertThat(type.getDeclaredMethods())
          .as(each)
          .extracting(Method::getName)
          .contains(each.substring(dot + 1));
    }
  }

  /** But in the demo's servers. */
  @Test
  void what_is_stated_as_not_used_is_not_used() {
    List<Class<?>> decoders =
        List.of(
            DelimiterBasedFrameDecoder.class,
            LengthFieldBasedFrameDecoder.class,
            HAProxyMessageDecoder.class);
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.understudy.demo..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.netty.handler.codec.http.cors..",
            "io.netty.handler.codec.http.multipart..",
            "io.netty.handler.codec.http.websocketx.extensions..",
            "io.netty.handler.codec.spdy..",
            "io.netty.handler.ipfilter..",
            "ch.qos.logback.classic.sift..",
            "ch.qos.logback.core.sift..")
        .orShould()
        .dependOnClassesThat(JavaClass.Predicates.simpleNameStartingWith("WebSocketServer"))
        .orShould()
        .dependOnClassesThat(JavaClass.Predicates.simpleNameStartingWith("WebSocketClient"))
        .orShould()
        .dependOnClassesThat(JavaClass.Predicates.belongToAnyOf(decoders.toArray(Class<?>[]::new)))
        .check(new ClassFileImporter().importUrl(main()));
  }

  private static URL main() {
    return Main.class.getProtectionDomain().getCodeSource().getLocation();
  }

  /** Spring Boot's sends all lines to the console. */
  @Test
  void no_configuration_of_logback_is_in_the_jar() throws Exception {
    try (Stream<Path> files = Files.list(Path.of(main().toURI()))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .contains("application.yaml")
          .noneMatch(name -> name.startsWith("logback"));
    }
  }
}
