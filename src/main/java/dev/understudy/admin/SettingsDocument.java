package dev.understudy.admin;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.Environment;
import org.springframework.core.env.PropertySource;

/** The static settings in force, without secrets: at most 2000, each cut to 2000 characters. */
final class SettingsDocument {
  private static final int MAX_SETTINGS = 2000;
  private static final int MAX_LENGTH = 2000;

  /** Others, as of the platform's environment, are not shown at all. */
  private static final List<String> PREFIXES =
      List.of("understudy", "server", "management", "spring", "logging");

  /**
   * One setting.
   *
   * @param value as written, so that references to the environment are not resolved
   * @param from the property source
   */
  record Setting(String name, String value, String from) {}

  private SettingsDocument() {}

  /**
   * Lists the settings, sorted by name; a source's settings hide the same ones of all sources after
   * it.
   */
  static List<Setting> of(Environment environment, SecretMask secrets) {
    TreeMap<String, Setting> settings = new TreeMap<>();
    if (environment instanceof ConfigurableEnvironment sources) {
      Set<String> seen = new HashSet<>();
      for (PropertySource<?> source : sources.getPropertySources()) {
        if (source instanceof EnumerablePropertySource<?> listed) {
          read(listed, seen, settings);
        }
      }
    }
    settings.values().forEach(setting -> secrets.learn(setting.name(), setting.value()));
    List<Setting> all = settings.values().stream().limit(MAX_SETTINGS).toList();
    List<Setting> masked = new ArrayList<>();
    for (Setting setting : all) {
      String value = secrets.mask(setting.name(), setting.value());
      masked.add(new Setting(setting.name(), cut(value), setting.from()));
    }
    return masked;
  }

  private static void read(
      EnumerablePropertySource<?> source, Set<String> seen, Map<String, Setting> settings) {
    for (String name : source.getPropertyNames()) {
      String uniform = SecretMask.uniform(name);
      if (isOurs(uniform) && seen.add(uniform)) {
        settings.put(name, new Setting(name, text(source.getProperty(name)), source.getName()));
      }
    }
  }

  private static boolean isOurs(String uniform) {
    return PREFIXES.stream().anyMatch(uniform::startsWith);
  }

  private static String text(@Nullable Object value) {
    return value instanceof Object[] array ? Arrays.toString(array) : Objects.toString(value, "");
  }

  private static String cut(String value) {
    return value.length() <= MAX_LENGTH ? value : value.substring(0, MAX_LENGTH) + "…";
  }
}
