package dev.understudy.extension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.testing.ExtensionJar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is loaded from a directory, and what is said of one that cannot be used. */
class ExtensionsTest {
  private static final String NOTHING = "return (exchange, chain) -> chain.filter(exchange);";

  @TempDir private Path folder;
  private Path directory;

  @BeforeEach
  void makeDirectory() throws IOException {
    directory = Files.createDirectory(folder.resolve("extensions"));
  }

  private ExtensionJar jar() throws IOException {
    return new ExtensionJar(Files.createTempDirectory(folder, "work"));
  }

  private void refused(String message) {
    assertThatThrownBy(() -> Extensions.load(directory))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("understudy.extensions: " + message);
  }

  @Test
  void the_classes_that_a_jar_names_are_its_extensions() throws IOException {
    jar()
        .line(ExtensionJar.FILTERS, "# a comment")
        .filter("Tenant", NOTHING)
        .line(ExtensionJar.FILTERS, "")
        .predicate("Weekday", "return exchange -> true;")
        .check("Orders", "return Result.good(target.host());")
        .build(directory.resolve("a.jar"));
    jar().filter("Plain", NOTHING).build(directory.resolve("b.jar"));
    Files.writeString(directory.resolve("README"), "no jar");
    try (Extensions loaded = Extensions.load(directory)) {
      assertThat(loaded)
          .hasToString(
              "filter Tenant (a.jar), filter Plain (b.jar), predicate Weekday (a.jar), check Orders"
                  + " (a.jar) of "
                  + directory);
    }
  }

  @Test
  void a_directory_without_extensions_says_what_a_jar_needs() throws IOException {
    jar().build(directory.resolve("library.jar"));
    try (Extensions loaded = Extensions.load(directory)) {
      assertThat(loaded)
          .hasToString("none in " + directory + ": no jar there names any in META-INF/services/");
    }
  }

  @Test
  void a_class_may_be_in_another_jar_and_must_implement_what_it_is_named_for() throws IOException {
    jar().filter("One", NOTHING).build(directory.resolve("one.jar"));
    jar()
        .line(ExtensionJar.FILTERS, "test.OneGatewayFilterFactory")
        .build(directory.resolve("names.jar"));
    Files.delete(directory.resolve("one.jar"));
    jar()
        .type("unused", "OneGatewayFilterFactory", "public class OneGatewayFilterFactory {}")
        .build(directory.resolve("library.jar"));
    refused(
        "names.jar: test.OneGatewayFilterFactory: expected a class that implements"
            + " GatewayFilterFactory");
  }

  @Test
  void our_own_classes_are_hidden() throws IOException {
    jar()
        .type(
            ExtensionJar.FILTERS,
            "Curious",
            """
            public class Curious extends AbstractGatewayFilterFactory<Object> {
              public Curious() {
                super(Object.class);
                dev.understudy.pool.FilterKind.of("Deny");
              }
              @Override public GatewayFilter apply(Object config) { return null; }
            }
            """)
        .build(directory.resolve("curious.jar"));
    refused(
        "curious.jar: test.Curious: expected a constructor that does not fail"
            + " (NoClassDefFoundError: dev/understudy/pool/FilterKind)");
  }

  @Test
  void a_missing_directory_is_named() throws IOException {
    Files.delete(directory);
    refused("expected a directory of jars that can be read, found " + directory);
  }

  @Test
  void too_many_jars_are_refused() throws IOException {
    for (int i = 0; i < 65; i++) {
      jar().build(directory.resolve(i + ".jar"));
    }
    refused(directory + ": expected at most 64 jars");
  }

  @Test
  void what_is_no_jar_is_named() throws IOException {
    Path bad = Files.writeString(directory.resolve("bad.jar"), "no jar");
    refused(bad + ": expected a jar (ZipException");
  }

  @Test
  void a_class_that_is_not_there_is_named_with_its_jar() throws IOException {
    jar().line(ExtensionJar.FILTERS, "com.example.None").build(directory.resolve("a.jar"));
    refused(
        "a.jar: com.example.None: expected a class of one of the jars (ClassNotFoundException:"
            + " com.example.None)");
  }

  @Test
  void a_class_without_a_public_constructor_is_named() throws IOException {
    jar()
        .type(
            ExtensionJar.FILTERS,
            "Closed",
            """
            public class Closed extends AbstractGatewayFilterFactory<Object> {
              Closed() { super(Object.class); }
              @Override public GatewayFilter apply(Object config) { return null; }
            }
            """)
        .build(directory.resolve("a.jar"));
    refused(
        "a.jar: test.Closed: expected a public class with a public constructor without arguments");
  }

  @Test
  void two_extensions_of_one_name_are_refused() throws IOException {
    jar().filter("Tenant", NOTHING).build(directory.resolve("a.jar"));
    jar()
        .type(
            ExtensionJar.FILTERS,
            "Other",
            """
            public class Other extends AbstractGatewayFilterFactory<Object> {
              public Other() { super(Object.class); }
              @Override public String name() { return "Tenant"; }
              @Override public GatewayFilter apply(Object config) { return null; }
            }
            """)
        .build(directory.resolve("b.jar"));
    refused("b.jar: test.Other: expected another name than Tenant, which a.jar has");
  }

  @Test
  void a_name_that_no_file_can_have_is_refused() throws IOException {
    jar()
        .type(
            ExtensionJar.FILTERS,
            "Other",
            """
            public class Other extends AbstractGatewayFilterFactory<Object> {
              public Other() { super(Object.class); }
              @Override public String name() { return "a b"; }
              @Override public GatewayFilter apply(Object config) { return null; }
            }
            """)
        .build(directory.resolve("a.jar"));
    refused("a.jar: test.Other: expected a name of letters, digits, '-' and '_', not a b");
  }
}
