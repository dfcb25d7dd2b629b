package dev.understudy.config;

import java.lang.annotation.Annotation;
import java.lang.reflect.RecordComponent;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads single values; reports those that cannot be converted, or are out of their bounds. */
final class ScalarReader {
  private static final Annotation[] NO_RULES = {};

  private final Placeholders placeholders;
  private final Problems problems;

  ScalarReader(Placeholders placeholders, Problems problems) {
    this.placeholders = placeholders;
    this.problems = problems;
  }

  /** Returns the value of a component of {@code raw}; null if it is absent or invalid. */
  <T> @Nullable T read(MapNode map, Class<?> raw, String key, Class<T> type) {
    if (!(map.get(key) instanceof ScalarNode scalar)) {
      return null;
    }
    RecordComponent component = Objects.requireNonNull(Keys.of(raw).get(key));
    return read(scalar, type, component.getAnnotations());
  }

  /** Returns a value without bounds; null if it is invalid. */
  <T> @Nullable T read(ScalarNode scalar, Class<T> type) {
    return read(scalar, type, NO_RULES);
  }

  /** Returns a value; null if it is invalid or was reported. */
  <T> @Nullable T read(ScalarNode scalar, Class<T> type, Annotation[] rules) {
    if (problems.isReported(scalar.path())) {
      return null;
    }
    try {
      T value = StrictConversion.of(placeholders.resolve(scalar.text()), type);
      if (Expected.fits(value, rules)) {
        return value;
      }
    } catch (Placeholders.Unresolved e) {
      problems.wrong(scalar, e.expected());
      return null;
    } catch (IllegalArgumentException e) {
      // Reported below, without the exception's text, which repeats the value.
    }
    problems.wrong(scalar, Expected.words(type, rules));
    return null;
  }
}
