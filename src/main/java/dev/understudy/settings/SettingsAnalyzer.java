package dev.understudy.settings;

import dev.understudy.config.ProblemValue;
import dev.understudy.pool.SectionType;
import dev.understudy.pool.SettingNames;
import dev.understudy.text.Suggestions;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.core.Ordered;
import org.springframework.core.ResolvableType;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;
import org.springframework.util.unit.DataSize;

/**
 * Reports an unusable static setting at start-up with its origin, its name, the expectation, and
 * the value as written. Spring Boot's own messages name classes.
 */
final class SettingsAnalyzer implements FailureAnalyzer, Ordered {
  private static final ConfigurationPropertyName OURS = ConfigurationPropertyName.of("understudy");

  /** Our own message about one setting. */
  private static final Pattern SENTENCE =
      Pattern.compile("(understudy(?:\\.[a-z0-9-]+(?:\\[\\d+])?)+): (.*)", Pattern.DOTALL);

  private static final Pattern FOUND = Pattern.compile(", found (['\"]?)((?:(?!, found ).)*)\\1$");
  private static final Pattern NUMBER = Pattern.compile("-?\\d{1,20}");

  /** The expectations by type, in words that follow "expected". */
  private static final Map<Class<?>, String> EXPECTED =
      Map.of(
          Integer.class, "a whole number",
          Boolean.class, "true or false",
          Duration.class, "a duration with its unit, such as 5s or 500ms",
          DataSize.class, "a size, such as 16KB",
          Path.class, "the path of a file",
          InetAddress.class, "an address of this machine");

  private final Environment environment;

  /**
   * @param environment gives the origin of a setting
   */
  SettingsAnalyzer(Environment environment) {
    this.environment = environment;
  }

  /** Precedes Spring Boot's analyzers. */
  @Override
  public int getOrder() {
    return Ordered.HIGHEST_PRECEDENCE;
  }

  @Override
  public @Nullable FailureAnalysis analyze(Throwable failure) {
    String said = null;
    for (Throwable each = failure; each != null; each = each.getCause()) {
      String words = words(each);
      said = words == null ? said : words;
    }
    return said == null
        ? null
        : new FailureAnalysis(
            said, "Correct the setting, or remove it: every setting has a default.", failure);
  }

  /**
   * The message about one exception; null if it is not known. The innermost known exception wins.
   */
  private @Nullable String words(Throwable each) {
    if (each instanceof UnboundConfigurationPropertiesException unbound) {
      return unknown(unbound);
    }
    if (each instanceof InvalidConfigurationPropertyValueException invalid) {
      return invalid(invalid);
    }
    if (each instanceof BindException bind) {
      return unbindable(bind);
    }
    String message = each.getMessage();
    return message != null
            && message.startsWith("understudy.")
            && (each instanceof IllegalArgumentException || each instanceof IllegalStateException)
        ? sentence(message)
        : null;
  }

  private static @Nullable String unknown(UnboundConfigurationPropertiesException unbound) {
    String said =
        unbound.getUnboundProperties().stream()
            .filter(property -> OURS.isAncestorOf(property.getName()))
            .map(property -> at(property, unknown(property.getName())))
            .collect(Collectors.joining("\n"));
    return said.isEmpty() ? null : said;
  }

  /** The message about an unknown setting; suggestions are for its first unknown element. */
  private static String unknown(ConfigurationPropertyName name) {
    Class<?> parent = StaticSettings.class;
    for (int i = 1; i < name.getNumberOfElements(); i++) {
      if (name.isNumericIndex(i)) {
        continue;
      }
      String element = name.getElement(i, Form.DASHED);
      Map<String, SectionType.Component> known = SectionType.of(parent).keys();
      if (!known.containsKey(element)) {
        return name + ": " + Suggestions.unknown("setting", element, known.keySet());
      }
      parent = item(ResolvableType.forType(known.get(element).of().getGenericType()));
      if (!parent.isRecord()) {
        return name + ": unknown setting: " + name.chop(i + 1) + " has no settings below it";
      }
    }
    return name + ": unknown setting";
  }

  /** The message about our own exceptions; Spring Boot's reasons name classes. */
  private @Nullable String invalid(InvalidConfigurationPropertyValueException invalid) {
    String reason = invalid.getReason();
    return reason != null && reason.startsWith("expected ")
        ? say(
            SettingOrigin.inForce(environment, invalid.getName()),
            invalid.getName() + ": " + reason,
            String.valueOf(invalid.getValue()))
        : null;
  }

  private @Nullable String unbindable(BindException bind) {
    ConfigurationProperty property =
        bind.getProperty() == null
            ? SettingOrigin.inForce(environment, bind.getName().toString())
            : bind.getProperty();
    String expected = expected(bind.getName(), item(bind.getTarget().getType()));
    return property == null || expected == null
        ? null
        : say(property, bind.getName() + ": expected " + expected, text(property));
  }

  /** The class of a type, or of a list's items. */
  private static Class<?> item(ResolvableType type) {
    Class<?> plain = type.resolve(Object.class);
    return plain == List.class ? type.getGeneric(0).resolve(Object.class) : plain;
  }

  /** The expectation in words that follow "expected"; null if not known. */
  private static @Nullable String expected(ConfigurationPropertyName name, Class<?> type) {
    if (type.isEnum()) {
      return SettingNames.choices(type);
    }
    if (type.isRecord()) {
      return "settings below it, any of " + String.join(", ", SectionType.of(type).keys().keySet());
    }
    Class<?> boxed = ClassUtils.resolvePrimitiveIfNecessary(type);
    return boxed == Integer.class && name.getLastElement(Form.DASHED).equals("port")
        ? StaticPorts.EXPECTED
        : EXPECTED.get(boxed);
  }

  /**
   * Replaces the converted value in our message by the value as written; for a list, by the element
   * in question.
   */
  private String sentence(String message) {
    Matcher sentence = SENTENCE.matcher(message);
    if (!sentence.matches()) {
      return message;
    }
    ConfigurationProperty property = SettingOrigin.inForce(environment, sentence.group(1));
    Matcher found = FOUND.matcher(message);
    if (property == null) {
      return at(found.find() ? element(sentence.group(1), found.group(2)) : null, message);
    }
    if (!found.find()) {
      return at(property, message);
    }
    String written = text(property);
    String part = found.group(2);
    return say(
        property,
        message.substring(0, found.start()),
        written.length() > part.length() && written.contains(part) && written.contains(",")
            ? part
            : written);
  }

  /** The element of a list that has that value; null if there is none. */
  private @Nullable ConfigurationProperty element(String list, String value) {
    ConfigurationProperty element;
    int index = 0;
    do {
      element = SettingOrigin.inForce(environment, list + "[" + index + "]");
      index++;
    } while (element != null && !text(element).equals(value));
    return element;
  }

  private static String text(ConfigurationProperty property) {
    return String.valueOf(property.getValue());
  }

  private static String say(
      @Nullable ConfigurationProperty property, String sentence, String written) {
    String shown = NUMBER.matcher(written).matches() ? written : ProblemValue.quote(written);
    return at(property, sentence + ", found " + shown);
  }

  /** Puts the origin first, as in problems of the dynamic file. */
  private static String at(@Nullable ConfigurationProperty property, String sentence) {
    String origin = SettingOrigin.of(property);
    return origin == null ? sentence : origin + ": " + sentence;
  }
}
