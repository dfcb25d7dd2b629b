package dev.understudy.pool;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A predicate or a filter of a route.
 *
 * @param name such as {@code Path}
 * @param args values by name, in order; arguments of the short form ({@code Path=/a,/b}) have
 *     generated names, {@code _genkey_0} and so on, as in Spring Cloud Gateway
 * @param when the condition under which a filter applies; null for always
 */
public record RoutePart(String name, Map<String, String> args, @Nullable String when) {
  private static final String GENERATED = "_genkey_";

  public RoutePart {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a predicate or filter without a name");
    }
    args = Collections.unmodifiableMap(new LinkedHashMap<>(args));
  }

  /** Creates a part that always applies. */
  public RoutePart(String name, Map<String, String> args) {
    this(name, args, null);
  }

  /** The name of an argument without one; {@code index} counts from 0. */
  public static String generatedKey(int index) {
    return GENERATED + index;
  }

  /** Whether an argument of that name was written without one. */
  public static boolean isGenerated(String key) {
    return key.startsWith(GENERATED);
  }

  /** The name and the arguments' names, without their values, which may be secrets. */
  @Override
  public String toString() {
    return name + args.keySet();
  }
}
