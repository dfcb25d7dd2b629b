package dev.understudy.proxy.gateway;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.cloud.gateway.handler.predicate.HostRoutePredicateFactory;
import org.springframework.cloud.gateway.handler.predicate.PathRoutePredicateFactory;
import org.springframework.cloud.gateway.support.Configurable;
import org.springframework.cloud.gateway.support.ConfigurationService;
import org.springframework.cloud.gateway.support.ShortcutConfigurable;
import org.springframework.core.convert.ConversionService;
import org.springframework.validation.Validator;

/**
 * Binds the arguments of the most frequent predicates and filters without Spring Boot's binder,
 * which takes most of the time of a route. All others, and arguments of another form, are bound as
 * by the Gateway.
 */
final class QuickBinding extends ConfigurationService {
  QuickBinding(
      BeanFactory beans,
      ObjectProvider<ConversionService> conversion,
      ObjectProvider<Validator> validator) {
    super(beans, conversion, validator);
  }

  @Override
  public <T, C extends Configurable<T> & ShortcutConfigurable> ConfigurableBuilder<T, C> with(
      C configurable) {
    return new ConfigurableBuilder<>(this, configurable) {
      @Override
      protected T doBind() {
        Object bound = bound(configurable, normalizedProperties);
        return bound == null ? super.doBind() : configurable.getConfigClass().cast(bound);
      }
    };
  }

  /** Null if they are not of the simplest form. */
  private static @Nullable Object bound(Object configurable, Map<String, Object> arguments) {
    if (configurable instanceof FileFilterFactory) {
      return new FileFilterFactory.Config(
          Integer.parseInt(String.valueOf(arguments.get(FileFilterFactory.NUMBER))));
    }
    if (arguments.size() != 1) {
      return null;
    }
    if (configurable instanceof WhenRoutePredicateFactory) {
      return arguments.get("expression") instanceof String text
          ? new WhenRoutePredicateFactory.Config(text)
          : null;
    }
    if (configurable instanceof ListenerRoutePredicateFactory) {
      List<String> names = texts(arguments.get("listeners"));
      return names == null ? null : new ListenerRoutePredicateFactory.Config(names);
    }
    List<String> patterns = texts(arguments.get("patterns"));
    if (patterns != null && configurable instanceof HostRoutePredicateFactory) {
      return new HostRoutePredicateFactory.Config().setPatterns(patterns);
    }
    return patterns != null && configurable instanceof PathRoutePredicateFactory
        ? new PathRoutePredicateFactory.Config().setPatterns(patterns)
        : null;
  }

  private static @Nullable List<String> texts(@Nullable Object argument) {
    return argument instanceof List<?> list && list.stream().allMatch(String.class::isInstance)
        ? list.stream().map(String.class::cast).toList()
        : null;
  }
}
