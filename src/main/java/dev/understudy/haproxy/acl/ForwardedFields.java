package dev.understudy.haproxy.acl;

import java.util.Locale;

/** The header fields that Understudy takes from trusted proxies only. */
public final class ForwardedFields {
  private static final String KEY = "header:";

  private ForwardedFields() {}

  /** Tells of the field that is the key of a limit, such as {@code header:X-Forwarded-For}. */
  public static void in(String key, TermContext terms) {
    if (key.startsWith(KEY) && isOne(key.substring(KEY.length()))) {
      terms.forwarded(key.substring(KEY.length()));
    }
  }

  /** Whether a sample reads such a field of the request. */
  static boolean isReadBy(Sample sample) {
    String name = sample.name();
    return (name.startsWith("hdr") || name.startsWith("req.hdr") || name.startsWith("req.fhdr"))
        && isOne(sample.fetch().argument(0));
  }

  private static boolean isOne(String field) {
    String lower = field.toLowerCase(Locale.ROOT);
    return lower.startsWith("x-forwarded-")
        || lower.equals("forwarded")
        || lower.equals("x-real-ip");
  }
}
