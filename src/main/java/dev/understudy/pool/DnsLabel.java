package dev.understudy.pool;

import java.util.regex.Pattern;

/** The form of names of pools and servers: a DNS label (RFC 1123 §2.1) of at most 40 characters. */
public final class DnsLabel {
  /** The form as a regular expression, for error messages and the JSON schema. */
  public static final String REGEX = "[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?";

  private static final Pattern PATTERN = Pattern.compile(REGEX);

  private DnsLabel() {}

  /** Whether {@code text} can name a pool or a server. */
  public static boolean isValid(String text) {
    return PATTERN.matcher(text).matches();
  }

  static String require(String text) {
    if (!isValid(text)) {
      throw new IllegalArgumentException(
          "expected a DNS label of at most 40 characters (a-z, 0-9, '-'), found '" + text + "'");
    }
    return text;
  }
}
