package dev.understudy.gatewayapi.object;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Durations as the Gateway API writes them (GEP-2257): {@code 1h30m}, {@code 500ms}. */
final class GatewayDuration {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,5}(h|m|s|ms)){1,4}");
  private static final Pattern PART = Pattern.compile("([0-9]{1,5})(ms|h|m|s)");

  private GatewayDuration() {}

  /** Reads a duration; null for null, and for zero, which means none. */
  static @Nullable Duration read(@Nullable String text) {
    if (text == null) {
      return null;
    }
    if (!FORM.matcher(text).matches()) {
      throw new IllegalArgumentException("a duration such as 500ms or 1h30m, not " + text);
    }
    Duration sum = Duration.ZERO;
    Matcher part = PART.matcher(text);
    while (part.find()) {
      long number = Long.parseLong(part.group(1));
      sum =
          sum.plus(
              switch (part.group(2)) {
                case "h" -> Duration.ofHours(number);
                case "m" -> Duration.ofMinutes(number);
                case "s" -> Duration.ofSeconds(number);
                default -> Duration.ofMillis(number);
              });
    }
    return sum.isZero() ? null : sum;
  }
}
