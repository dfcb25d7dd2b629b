package dev.understudy.proxy.http;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Creates {@code X-Request-Id} values: a random prefix and a count. For one event loop. */
public final class RequestIds {
  private static final int MAX_LENGTH = 128;
  private static final int PREFIX_BYTES = 8;
  private static final int MAX_DIGITS = Long.SIZE / 4;

  /** The prefix, and room for the digits of the counter. */
  private final byte[] text;

  private final int prefixLength;
  private long count;

  public RequestIds() {
    byte[] random = new byte[PREFIX_BYTES];
    new SecureRandom().nextBytes(random);
    byte[] prefix = (HexFormat.of().formatHex(random) + "-").getBytes(StandardCharsets.ISO_8859_1);
    prefixLength = prefix.length;
    text = Arrays.copyOf(prefix, prefixLength + MAX_DIGITS);
  }

  /** Returns the given id if it is well-formed, else a new one. */
  public String keepOrMake(@Nullable String given) {
    return given != null && isWellFormed(given) ? given : make();
  }

  private String make() {
    count++;
    int digits = Math.max(1, (Long.SIZE + 3 - Long.numberOfLeadingZeros(count)) / 4);
    long rest = count;
    for (int i = prefixLength + digits - 1; i >= prefixLength; i--) {
      text[i] = (byte) Character.forDigit((int) (rest & 0xf), 16);
      rest >>>= 4;
    }
    return new String(text, 0, prefixLength + digits, StandardCharsets.ISO_8859_1);
  }

  /** Whether a client's id may be kept: 1 to 128 of {@code [A-Za-z0-9._-]}. */
  private static boolean isWellFormed(String id) {
    if (id.isEmpty() || id.length() > MAX_LENGTH) {
      return false;
    }
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      if (!HttpToken.isLetterOrDigit(c) && c != '.' && c != '_' && c != '-') {
        return false;
      }
    }
    return true;
  }
}
