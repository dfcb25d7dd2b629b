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

  /** A header field's value without HTTP/3 on a listener that is left out. */
  static String announced(ImportContext context, String field, String value) {
    return context.leavesQuicOut && field.equalsIgnoreCase(FIELD) ? withoutQuic(value) : value;
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
