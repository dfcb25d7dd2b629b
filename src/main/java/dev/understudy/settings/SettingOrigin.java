package dev.understudy.settings;

import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.boot.origin.SystemEnvironmentOrigin;
import org.springframework.boot.origin.TextResourceOrigin;
import org.springframework.core.env.CommandLinePropertySource;
import org.springframework.core.env.Environment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;

/** Describes the origin of a static setting in an operator's words. */
final class SettingOrigin {
  private SettingOrigin() {}

  /** The property in force; null if it is not set, or the name is not a valid property name. */
  static @Nullable ConfigurationProperty inForce(Environment environment, String name) {
    ConfigurationPropertyName parsed = ConfigurationPropertyName.ofIfValid(name);
    if (parsed == null) {
      return null;
    }
    return StreamSupport.stream(ConfigurationPropertySources.get(environment).spliterator(), false)
        .flatMap(source -> Stream.ofNullable(source.getConfigurationProperty(parsed)))
        .findFirst()
        .orElse(null);
  }

  /** The file with its line, the environment variable, or the command line; null if not known. */
  static @Nullable String of(@Nullable ConfigurationProperty property) {
    return property == null ? null : words(property.getOrigin());
  }

  private static @Nullable String words(@Nullable Origin origin) {
    if (origin instanceof TextResourceOrigin text) {
      return file(text);
    }
    if (origin instanceof SystemEnvironmentOrigin variable) {
      return "environment variable " + variable.getProperty();
    }
    if (origin instanceof PropertySourceOrigin source) {
      return source.getOrigin() == null ? source(source) : words(source.getOrigin());
    }
    return origin == null ? null : origin.toString();
  }

  private static String file(TextResourceOrigin text) {
    String resource = text.getResource() == null ? "" : text.getResource().getDescription();
    String path = resource.replaceFirst("^.*\\[(?:file:)?(.*)\\]$", "$1");
    return text.getLocation() == null ? path : path + ":" + (text.getLocation().getLine() + 1);
  }

  private static String source(PropertySourceOrigin origin) {
    PropertySource<?> source = origin.getPropertySource();
    return switch (source.getName()) {
      case CommandLinePropertySource.COMMAND_LINE_PROPERTY_SOURCE_NAME -> "command line";
      case StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME ->
          "system property " + origin.getPropertyName();
      case StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME ->
          "environment variable " + origin.getPropertyName();
      default -> source.getName();
    };
  }
}
