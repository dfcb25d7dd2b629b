package dev.understudy.pool;

import java.lang.annotation.Annotation;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The type of a section of settings: a record, whose components with their annotations (see {@link
 * Setting}) are the settings. Reflected upon once for each record.
 */
public final class SectionType<T> {
  /**
   * One setting.
   *
   * @param key its name in the file
   * @param rules its annotations
   * @param preset what stands for it if it is left out; null for nothing
   */
  public record Component(
      String key, RecordComponent of, List<Annotation> rules, @Nullable Object preset) {
    Component(RecordComponent of) {
      this(SettingNames.of(of), of, List.of(of.getAnnotations()), SectionType.preset(of));
    }

    /** Whether it is no setting, but a record of settings of the same section. */
    public boolean isInline() {
      return rule(Setting.Inline.class) != null;
    }

    /** The annotation of that type; null if there is none. */
    public <A extends Annotation> @Nullable A rule(Class<A> type) {
      return SectionType.rule(rules, type);
    }
  }

  /** The annotation of that type among {@code rules}; null if there is none. */
  public static <A extends Annotation> @Nullable A rule(List<Annotation> rules, Class<A> type) {
    for (Annotation each : rules) {
      if (type.isInstance(each)) {
        return type.cast(each);
      }
    }
    return null;
  }

  private static final ClassValue<SectionType<?>> ALL =
      new ClassValue<>() {
        @Override
        protected SectionType<?> computeValue(Class<?> type) {
          return new SectionType<>(type);
        }
      };

  private final Constructor<T> constructor;
  private final List<Component> components;
  private final Map<String, Component> keys;

  private SectionType(Class<T> type) {
    Map<String, Component> all = new LinkedHashMap<>();
    components = Arrays.stream(type.getRecordComponents()).map(Component::new).toList();
    for (Component each : components) {
      if (each.isInline()) {
        all.putAll(of(each.of().getType()).keys);
      } else if (each.rule(Setting.OfObjects.class) == null) {
        all.put(each.key(), each);
      }
    }
    keys = Collections.unmodifiableMap(all);
    try {
      constructor =
          type.getDeclaredConstructor(
              components.stream().map(each -> each.of().getType()).toArray(Class<?>[]::new));
      constructor.setAccessible(true);
    } catch (NoSuchMethodException e) {
      throw new IllegalStateException(type + " is no record", e);
    }
  }

  @SuppressWarnings("unchecked") // the type of that class
  public static <T> SectionType<T> of(Class<T> type) {
    return (SectionType<T>) ALL.get(type);
  }

  /** The section whose settings are all left out. */
  public static <T> T defaults(Class<T> type) {
    SectionType<T> section = of(type);
    return section.make(section.components.stream().map(Component::preset).toArray());
  }

  /** The components of the record. */
  public List<Component> components() {
    return components;
  }

  /** The settings by their keys, in the order of the record, those of inline records among them. */
  public Map<String, Component> keys() {
    return keys;
  }

  /** The setting of that key, which the section has. */
  public Component key(String key) {
    return Objects.requireNonNull(keys.get(key), key);
  }

  /**
   * Makes the record of its values.
   *
   * @throws Setting.Invalid if some do not go together
   */
  public T make(@Nullable Object[] values) {
    try {
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      throw e.getCause() instanceof RuntimeException known
          ? known
          : new IllegalStateException(constructor + " failed", e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(constructor + " cannot be called", e);
    }
  }

  private static @Nullable Object preset(RecordComponent component) {
    Setting.Default preset = component.getAnnotation(Setting.Default.class);
    Class<?> type = component.getType();
    if (component.isAnnotationPresent(Setting.Inline.class)) {
      return defaults(type);
    }
    if (preset == null) {
      return type == OptionalInt.class
          ? OptionalInt.empty()
          : type == int.class ? Integer.valueOf(0) : null;
    }
    String[] values = preset.value();
    if (type.isRecord()) {
      return defaults(type);
    }
    if (type == List.class) {
      return List.of(values);
    }
    if (type == Set.class) {
      return Set.copyOf(Arrays.asList(values));
    }
    return type == Map.class
        ? Map.of()
        : SettingValue.of(values[0], type, List.of(component.getAnnotations()));
  }
}
