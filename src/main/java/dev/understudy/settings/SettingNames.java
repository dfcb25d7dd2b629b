package dev.understudy.settings;

import dev.understudy.config.Suggestions;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;

/** The names of the settings below {@code understudy}, derived from {@link StaticSettings}. */
final class SettingNames {
  private SettingNames() {}

  /** The names of the settings directly below a record, in the files' spelling. */
  static List<String> of(Class<?> settings) {
    return Arrays.stream(settings.getRecordComponents()).map(SettingNames::spelt).toList();
  }

  private static String spelt(RecordComponent component) {
    return component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  /** The message about an unknown setting; suggestions are for its first unknown element. */
  static String unknown(ConfigurationPropertyName name) {
    Class<?> parent = StaticSettings.class;
    for (int i = 1; i < name.getNumberOfElements(); i++) {
      String element = name.getElement(i, Form.DASHED);
      Class<?> child = child(parent, element);
      if (child == null) {
        return name + ": " + Suggestions.unknown("setting", element, of(parent));
      }
      if (!child.isRecord()) {
        return name + ": unknown setting, " + name.chop(i + 1) + " has none below it";
      }
      parent = child;
    }
    return name + ": unknown setting";
  }

  private static @Nullable Class<?> child(Class<?> parent, String name) {
    return Arrays.stream(parent.getRecordComponents())
        .filter(each -> spelt(each).equals(name))
        .findFirst()
        .<Class<?>>map(RecordComponent::getType)
        .orElse(null);
  }
}
