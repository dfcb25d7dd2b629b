package dev.understudy.proxy.filter;

import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;
import java.util.Locale;

/**
 * {@code StrictTransportSecurity}: sets this value, and no other, on every response over TLS from
 * this step on, also on a 101 and on responses of a following step or of the engine.
 *
 * @param value the directives (RFC 6797 §6.1), with {@code max-age}
 */
public record StrictTransportSecurity(String value) implements Step {
  /**
   * {@code StrictTransportSecurity=VALUE}
   *
   * <p>Sets that field on every response over TLS, Understudy's own included, and on none without
   * TLS.
   *
   * <p>Example: {@code StrictTransportSecurity=max-age=16000000; preload}
   */
  public static final FilterKind KIND =
      FilterKind.own("StrictTransportSecurity", "value").with(Trait.FIRST).shown();

  static Step compile(FilterSource source) throws NotCompilableException {
    String value = source.arguments().text("value");
    if (value == null || !hasMaxAge(value)) {
      throw new IllegalArgumentException(
          "value: expected directives such as 'max-age=16000000; preload', found "
              + FilterArguments.quoted(value));
    }
    return new StrictTransportSecurity(value);
  }

  private static boolean hasMaxAge(String value) {
    boolean found = false;
    for (String directive : value.split(";", -1)) {
      String text = directive.trim().toLowerCase(Locale.ROOT).replace("\"", "");
      if (text.chars().anyMatch(c -> c < ' ')) {
        return false;
      }
      String seconds = text.startsWith("max-age=") ? text.substring(8).trim() : "";
      found |= !seconds.isEmpty() && seconds.chars().allMatch(c -> c >= '0' && c <= '9');
    }
    return found;
  }

  @Override
  public FilterResult apply(RouteRequest request) {
    request.transportSecurity(value);
    return FilterResult.PASS;
  }
}
