package dev.understudy.command.client;

import dev.understudy.status.JsonValue;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Numbers in a narrow column. */
final class RateText {
  private RateText() {}

  /** {@code 0.3}, {@code 12}, {@code 1.2k} or {@code 3.4M}; {@code -} if unknown. */
  static String of(JsonValue value) {
    return of(value.number());
  }

  static String of(@Nullable Double number) {
    if (number == null) {
      return "-";
    }
    if (number >= 999_950) {
      return oneDecimal(number / 1e6) + "M";
    }
    if (number >= 9_999.5) {
      return oneDecimal(number / 1e3) + "k";
    }
    return number >= 99.95 || number == Math.rint(number)
        ? String.valueOf(Math.round(number))
        : oneDecimal(number);
  }

  private static String oneDecimal(double number) {
    return String.format(Locale.ROOT, "%.1f", number);
  }
}
