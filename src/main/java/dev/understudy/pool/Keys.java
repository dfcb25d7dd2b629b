package dev.understudy.pool;

import dev.understudy.text.Words;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** The names of settings, derived from those of the records that hold them. */
public final class Keys {
  private static final ClassValue<Map<String, RecordComponent>> COMPONENTS =
      new ClassValue<>() {
        @Override
        protected Map<String, RecordComponent> computeValue(Class<?> type) {
          Map<String, RecordComponent> keys = new LinkedHashMap<>();
          for (RecordComponent each : type.getRecordComponents()) {
            keys.put(of(each), each);
          }
          return keys;
        }
      };

  private Keys() {}

  /** The components of a record by key, in order. */
  public static Map<String, RecordComponent> of(Class<?> type) {
    return COMPONENTS.get(type);
  }

  /** The name of a setting in the file. */
  public static String of(RecordComponent component) {
    Setting.Key key = component.getAnnotation(Setting.Key.class);
    return key == null ? Words.kebab(component.getName()) : key.value();
  }

  /** The spelling of a constant in the file. */
  public static String of(Enum<?> constant) {
    return Words.kebab(constant.name());
  }

  /** All constants of an enum in the file's spelling: {@code immediate, delayed or manual}. */
  public static String choices(Class<?> type) {
    String all =
        Arrays.stream(type.getEnumConstants())
            .map(each -> of((Enum<?>) each))
            .collect(Collectors.joining(", "));
    int last = all.lastIndexOf(", ");
    return last < 0 ? all : all.substring(0, last) + " or " + all.substring(last + 2);
  }
}
