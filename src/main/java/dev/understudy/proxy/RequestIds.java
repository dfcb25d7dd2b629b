package dev.understudy.proxy;

import java.security.SecureRandom;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Makes the values of {@code X-Request-Id} on one event loop: a random prefix and a count. */
public final class RequestIds {
  private static final int MAX_LENGTH = 128;
  private static final int PREFIX_BYTES = 8;

  private final String prefix;
  private long count;

  public RequestIds() {
    byte[] random = new byte[PREFIX_BYTES];
    new SecureRandom().nextBytes(random);
    prefix = HexFormat.of().formatHex(random) + "-";
  }

  /** The one that came with a request if it is well-formed, or a new one. */
  public String keepOrMake(@Nullable String given) {
    return given != null && isWellFormed(given) ? given : prefix + Long.toHexString(++count);
  }

  /** Whether a client's may be kept: 1 to 128 of {@code [A-Za-z0-9._-]}. */
  public static boolean isWellFormed(String id) {
    if (id.isEmpty() || id.length() > MAX_LENGTH) {
      return false;
    }
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      boolean allowed =
          (c >= 'A' && c <= 'Z')
              || (c >= 'a' && c <= 'z')
              || (c >= '0' && c <= '9')
              || c == '.'
              || c == '_'
              || c == '-';
      if (!allowed) {
        return false;
      }
    }
    return true;
  }
}
