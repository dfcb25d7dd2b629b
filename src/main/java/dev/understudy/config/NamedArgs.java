package dev.understudy.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A predicate or a filter of a route; corresponds to Spring Cloud Gateway's {@code
 * PredicateDefinition} or {@code FilterDefinition}.
 *
 * @param name such as {@code Path}
 * @param args in order; arguments of the short form ({@code Path=/a,/b}) have the Gateway's
 *     generated keys, {@code _genkey_0} and so on
 */
public record NamedArgs(String name, Map<String, String> args) {
  private static final String GENERATED = "_genkey_";

  public NamedArgs {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a predicate or filter without a name");
    }
    args = Collections.unmodifiableMap(new LinkedHashMap<>(args));
  }

  /** The key that the Gateway generates for an unnamed argument; {@code index} counts from 0. */
  public static String generatedKey(int index) {
    return GENERATED + index;
  }

  /** The name and the arguments' keys, without their values, which may be secrets. */
  @Override
  public String toString() {
    return name + args.keySet();
  }
}
