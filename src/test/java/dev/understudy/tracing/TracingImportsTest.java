package dev.understudy.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Extent;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.io.ClassPathResource;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.mock.env.MockEnvironment;

/** What of tracing is imported, and when. */
class TracingImportsTest {
  private static final String IMPORTS =
      "META-INF/spring/org.springframework.boot.autoconfigure.AutoConfiguration.imports";

  private static String[] imports(MockEnvironment environment) {
    TracingImports selector = new TracingImports();
    selector.setEnvironment(environment);
    return selector.selectImports(AnnotationMetadata.introspect(TracingImportsTest.class));
  }

  @Test
  void nothing_by_default() {
    assertThat(imports(new MockEnvironment())).isEmpty();
  }

  @Tag(Extent.SLOW)
  @ParameterizedTest
  @ValueSource(strings = {"off", "false", "OFF"})
  void nothing_while_it_is_off_even_with_a_collector(String value) {
    assertThat(
            imports(
                new MockEnvironment()
                    .withProperty("understudy.tracing", value)
                    .withProperty(
                        "management.opentelemetry.tracing.export.otlp.endpoint", "http://c:4318")))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"on", "true", "ON"})
  void our_beans_first_while_it_is_on(String value) throws ClassNotFoundException {
    String[] imports = imports(new MockEnvironment().withProperty("understudy.tracing", value));
    assertThat(imports[0]).isEqualTo(TracingConfiguration.class.getName());
    for (String each : imports) {
      assertThat(Class.forName(each)).isNotNull();
    }
  }

  /** Their conditions would otherwise be asked at each start. */
  @Test
  void all_of_spring_boots_are_excluded() throws IOException {
    List<String> excluded =
        new Binder(
                ConfigurationPropertySources.from(
                    new YamlPropertySourceLoader()
                        .load("own", new ClassPathResource("application.yaml"))
                        .getFirst()))
            .bind("spring.autoconfigure.exclude", Bindable.listOf(String.class))
            .get();
    assertThat(autoConfigurations())
        .filteredOn(each -> each.contains(".tracing.") || each.contains(".opentelemetry."))
        .isNotEmpty()
        .isSubsetOf(excluded);
  }

  private static List<String> autoConfigurations() throws IOException {
    List<String> all = new ArrayList<>();
    ClassLoader loader = TracingImportsTest.class.getClassLoader();
    for (URL each : Collections.list(loader.getResources(IMPORTS))) {
      try (InputStream in = each.openStream()) {
        new String(in.readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .filter(line -> !line.isBlank() && !line.startsWith("#"))
            .forEach(all::add);
      }
    }
    return all;
  }
}
