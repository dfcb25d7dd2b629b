package dev.understudy.config;

import java.lang.annotation.Annotation;
import java.lang.reflect.RecordComponent;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.core.convert.ConversionException;

/**
 * Reads single values of a raw record by the rules of {@link PoolBinder}. Used for routes, which
 * have few plain values but may number 10,000: Spring Boot's binder would inspect the record's
 * annotations for each.
 */
final class ScalarReader {
  private final Placeholders placeholders;
  private final Problems problems;

  ScalarReader(Placeholders placeholders, Problems problems) {
    this.placeholders = placeholders;
    this.problems = problems;
  }

  /** Returns the value of a component of {@code raw}; null if it is absent or invalid. */
  <T> @Nullable T read(MapNode map, Class<?> raw, String key, Class<T> type) {
    if (!(map.get(key) instanceof ScalarNode scalar) || problems.isReported(scalar.path())) {
      return null;
    }
    RecordComponent component = Objects.requireNonNull(Keys.of(raw).get(key));
    Annotation[] rules = component.getAnnotations();
    try {
      String text = placeholders.resolve(scalar.text());
      T value = StrictConversion.SERVICE.convert(text, type);
      if (value != null && Expected.fits(value, rules)) {
        return value;
      }
    } catch (Placeholders.Unresolved e) {
      problems.wrong(scalar, e.expected());
      return null;
    } catch (ConversionException e) {
      // reported below, without the exception's text, which repeats the value
    }
    problems.wrong(scalar, Expected.words(type, rules));
    return null;
  }
}
