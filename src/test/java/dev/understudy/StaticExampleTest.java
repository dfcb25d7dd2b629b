package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.settings.StaticSettings;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.io.ByteArrayResource;

/** The commented example of static settings names all of them and no other. */
class StaticExampleTest {
  private static final int LINES_OF_INTRODUCTION = 4;

  @Test
  void example_names_every_static_setting_and_no_other() throws IOException {
    Set<String> known = new TreeSet<>();
    collect("understudy", StaticSettings.class, known);

    assertThat(names())
        .filteredOn(n -> n.startsWith("understudy."))
        .containsExactlyElementsOf(known);
  }

  /** With what is commented out taken in. */
  private static Set<String> names() throws IOException {
    StringBuilder text = new StringBuilder();
    for (String line :
        Files.readAllLines(Path.of("config/application.yaml"))
            .subList(LINES_OF_INTRODUCTION, lines())) {
      text.append(line.replaceFirst("^( *)# ", "$1")).append('\n');
    }
    var source =
        (EnumerablePropertySource<?>)
            new YamlPropertySourceLoader()
                .load(
                    "application",
                    new ByteArrayResource(text.toString().getBytes(StandardCharsets.UTF_8)))
                .get(0);
    return new TreeSet<>(List.of(source.getPropertyNames()));
  }

  private static int lines() throws IOException {
    return Files.readAllLines(Path.of("config/application.yaml")).size();
  }

  private static void collect(String prefix, Class<?> type, Set<String> to) {
    for (RecordComponent component : type.getRecordComponents()) {
      String name =
          prefix + "." + component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
      if (component.getType().isRecord()) {
        collect(name, component.getType(), to);
      } else if (component.getGenericType() instanceof ParameterizedType list
          && list.getActualTypeArguments()[0] instanceof Class<?> item
          && item.isRecord()) {
        collect(name + "[0]", item, to);
      } else {
        to.add(name);
      }
    }
  }
}
