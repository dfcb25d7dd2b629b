package dev.understudy.proxy.gateway;

import java.beans.PropertyDescriptor;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.beans.BeanUtils;
import org.springframework.cloud.gateway.support.NameUtils;
import org.springframework.cloud.gateway.support.ShortcutConfigurable;
import org.springframework.cloud.gateway.support.ShortcutConfigurable.ShortcutType;

/**
 * Checks the names and the number of a predicate's or filter's arguments, in the short and in the
 * long form.
 */
final class Arguments {
  /** Properties of configurations that the Gateway sets itself. */
  private static final Set<String> NOT_ARGUMENTS = Set.of("class", "empty", "routeId");

  private Arguments() {}

  /** Returns the first problem with the arguments' names or number; empty if there is none. */
  static Optional<String> problem(
      ShortcutConfigurable factory, Class<?> config, Map<String, String> arguments) {
    if (factory.shortcutType() != ShortcutType.DEFAULT) {
      return Optional.empty();
    }
    List<String> order = factory.shortcutFieldOrder();
    if (!order.isEmpty() && arguments.size() > order.size() && areShort(arguments.keySet())) {
      return Optional.of(
          "expected at most "
              + order.size()
              + " arguments "
              + order
              + ", found "
              + arguments.size());
    }
    Set<String> known = names(config);
    if (order.isEmpty() && !arguments.isEmpty() && areShort(arguments.keySet())) {
      return Optional.of(
          known.isEmpty()
              ? "expected no arguments, found " + arguments.size()
              : "expected the arguments "
                  + known
                  + " by name, in the form { name, args },"
                  + " found one without a name");
    }
    if (known.isEmpty() || !factory.shortcutFieldPrefix().isEmpty()) {
      return Optional.empty();
    }
    known.addAll(order);
    Set<String> forms = new LinkedHashSet<>();
    known.forEach(name -> forms.add(uniform(name)));
    for (String name : arguments.keySet()) {
      if (!name.startsWith(NameUtils.GENERATED_NAME_PREFIX) && !forms.contains(uniform(name))) {
        return Optional.of("expected the arguments " + known + ", found '" + name + "'");
      }
    }
    return Optional.empty();
  }

  private static boolean areShort(Set<String> names) {
    return names.stream().allMatch(name -> name.startsWith(NameUtils.GENERATED_NAME_PREFIX));
  }

  private static Set<String> names(Class<?> config) {
    Set<String> names = new TreeSet<>();
    if (config.isRecord()) {
      for (var component : config.getRecordComponents()) {
        names.add(component.getName());
      }
      return names;
    }
    for (PropertyDescriptor property : BeanUtils.getPropertyDescriptors(config)) {
      if (!NOT_ARGUMENTS.contains(property.getName())) {
        names.add(property.getName());
      }
    }
    return names;
  }

  /**
   * The comparable form of an argument's name by Spring Boot's relaxed binding: letter case,
   * hyphens and underscores are ignored, and a nested name counts up to its first dot or bracket.
   */
  private static String uniform(String name) {
    int end = 0;
    while (end < name.length() && name.charAt(end) != '.' && name.charAt(end) != '[') {
      end++;
    }
    return name.substring(0, end).toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
  }
}
