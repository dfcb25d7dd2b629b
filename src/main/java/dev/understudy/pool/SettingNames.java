package dev.understudy.pool;

import dev.understudy.text.Words;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Collection;
import java.util.stream.Collectors;

/** The names of settings, derived from those of the records that hold them. */
public final class SettingNames {
  private SettingNames() {}

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
    return choices(Arrays.stream(type.getEnumConstants()).map(each -> (Enum<?>) each).toList());
  }

  /** Constants in the file's spelling: {@code redis or mysql}. */
  public static String choices(Collection<? extends Enum<?>> constants) {
    String all = constants.stream().map(SettingNames::of).collect(Collectors.joining(", "));
    int last = all.lastIndexOf(", ");
    return last < 0 ? all : all.substring(0, last) + " or " + all.substring(last + 2);
  }
}
