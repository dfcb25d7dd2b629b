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

/** Which arguments a predicate or filter takes, in the short and in the long form. */
final class Arguments {
  private Arguments() {}

  /** What is wrong with their names or number, if anything. */
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
      if (!property.getName().equals("class")) {
        names.add(property.getName());
      }
    }
    return names;
  }

  /** Boot's relaxed names: case and hyphens do not count, nor what follows in a nested one. */
  private static String uniform(String name) {
    int end = 0;
    while (end < name.length() && name.charAt(end) != '.' && name.charAt(end) != '[') {
      end++;
    }
    return name.substring(0, end).toLowerCase(Locale.ROOT).replace("-", "").replace("_", "");
  }
}
