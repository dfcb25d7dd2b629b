package dev.understudy.settings;

import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationPropertiesBindHandlerAdvisor;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.env.Environment;

/**
 * Refuses durations of {@code understudy.*} without a unit, from any property source: Spring Boot
 * reads a bare 5 as 5 milliseconds. Zero needs no unit.
 */
public final class DurationUnits implements ConfigurationPropertiesBindHandlerAdvisor {
  private static final ConfigurationPropertyName OURS = ConfigurationPropertyName.of("understudy");
  private static final Pattern NUMBER = Pattern.compile("\\s*[+-]?[0-9]+\\s*");
  private static final Pattern ZERO = Pattern.compile("\\s*[+-]?0+\\s*");

  private final Environment environment;

  /**
   * @param environment resolves placeholders
   */
  public DurationUnits(Environment environment) {
    this.environment = environment;
  }

  @Override
  public BindHandler apply(BindHandler handler) {
    return new AbstractBindHandler(handler) {
      @Override
      public @Nullable Object onSuccess(
          ConfigurationPropertyName name, Bindable<?> target, BindContext context, Object result) {
        ConfigurationProperty property = context.getConfigurationProperty();
        if (result instanceof Duration && OURS.isAncestorOf(name) && property != null) {
          require(name, property);
        }
        return super.onSuccess(name, target, context, result);
      }
    };
  }

  private void require(ConfigurationPropertyName name, ConfigurationProperty property) {
    String text = environment.resolvePlaceholders(String.valueOf(property.getValue()));
    if (NUMBER.matcher(text).matches() && !ZERO.matcher(text).matches()) {
      throw new IllegalArgumentException(
          name + ": expected a duration with its unit, such as 5s or 500ms, found " + text.strip());
    }
  }
}
