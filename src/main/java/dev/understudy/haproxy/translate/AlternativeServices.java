package dev.understudy.haproxy.translate;

import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Values of {@code Alt-Svc} (RFC 7838). */
final class AlternativeServices {
  private static final String FIELD = "alt-svc";

  /** Commas between alternatives, not those in quotes. */
  private static final Pattern SEPARATOR = Pattern.compile(",(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)");

  /** An alternative over QUIC on this host, as no other is named before its port. */
  private static final Pattern OWN_QUIC =
      Pattern.compile("\\s*(h3|hq|quic)(-[^=]*)?=\\s*\"?:.*", Pattern.DOTALL);

  private AlternativeServices() {}

  /** Whether a header field has them. */
  static boolean areIn(String name) {
    return name.equalsIgnoreCase(FIELD);
  }

  /** The value without what this host serves over QUIC; empty if nothing else is announced. */
  static String withoutQuic(String value) {
    return Arrays.stream(SEPARATOR.split(value))
        .filter(each -> !OWN_QUIC.matcher(each.toLowerCase(Locale.ROOT)).matches())
        .map(String::strip)
        .filter(each -> !each.isEmpty())
        .collect(Collectors.joining(", "));
  }
}
