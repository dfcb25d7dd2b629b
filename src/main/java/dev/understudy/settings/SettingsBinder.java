package dev.understudy.settings;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.IgnoreTopLevelConverterNotFoundBindHandler;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.UnboundElementsSourceFilter;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.env.Environment;

/**
 * Binds classes with {@link ConfigurationProperties} as Spring Boot does, without an application
 * context.
 */
public final class SettingsBinder {
  private static final RenamedSettings RENAMED = new RenamedSettings();

  private final Binder binder;
  private final DurationUnits units;

  public SettingsBinder(Environment environment) {
    this.binder = Binder.get(environment);
    this.units = new DurationUnits(environment);
  }

  /**
   * Binds the type's prefix, or creates it with its defaults.
   *
   * @throws RuntimeException as Spring Boot does if a value is unusable, or unknown where the type
   *     says so
   */
  public <T> T bind(Class<T> type) {
    ConfigurationProperties properties =
        AnnotatedElementUtils.findMergedAnnotation(type, ConfigurationProperties.class);
    if (properties == null) {
      throw new IllegalArgumentException(type + " has no prefix");
    }
    BindHandler handler = new IgnoreTopLevelConverterNotFoundBindHandler();
    if (!properties.ignoreUnknownFields()) {
      handler =
          RENAMED.accepting(
              new NoUnboundElementsBindHandler(handler, new UnboundElementsSourceFilter()));
    }
    return binder.bindOrCreate(properties.prefix(), Bindable.of(type), units.apply(handler));
  }
}
