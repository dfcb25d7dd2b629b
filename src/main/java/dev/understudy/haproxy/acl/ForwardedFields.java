package dev.understudy.haproxy.acl;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The header fields that Understudy takes from trusted proxies only. */
public final class ForwardedFields {
  private static final Set<String> SENT =
      Set.of(
          "x-forwarded-for",
          "x-forwarded-proto",
          "x-forwarded-host",
          "x-forwarded-port",
          "forwarded");

  private static final String KEY = "header:";

  private ForwardedFields() {}

  /** Notes on the field that is the key of a limit, such as {@code header:X-Forwarded-For}. */
  public static List<TermDifference> in(String key) {
    return key.startsWith(KEY) && isOne(key.substring(KEY.length()))
        ? List.of(TermDifference.forwarded(key.substring(KEY.length())))
        : List.of();
  }

  /** Whether a sample reads such a field of the request. */
  static boolean isReadBy(Sample sample) {
    String name = sample.name();
    return (name.startsWith("hdr") || name.startsWith("req.hdr") || name.startsWith("req.fhdr"))
        && isOne(sample.argument());
  }

  /**
   * Whether servers always get this field, whatever filters do to it.
   *
   * @param field in lower case
   */
  public static boolean areSent(String field) {
    return SENT.contains(field);
  }

  private static boolean isOne(String field) {
    String lower = field.toLowerCase(Locale.ROOT);
    return lower.startsWith("x-forwarded-")
        || lower.equals("forwarded")
        || lower.equals("x-real-ip");
  }
}
