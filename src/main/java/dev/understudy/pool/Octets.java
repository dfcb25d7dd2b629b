package dev.understudy.pool;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * Immutable bytes, which may hold a secret.
 *
 * @param latin1 each byte as the character of its value
 */
public record Octets(String latin1) {
  /** The text in UTF-8. */
  public static Octets ofText(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The bytes in hexadecimal; white space between them is ignored.
   *
   * @throws IllegalArgumentException if that is not what the text is
   */
  public static Octets ofHex(String hex) {
    return of(HexFormat.of().parseHex(hex.replaceAll("\\s", "")));
  }

  private static Octets of(byte[] bytes) {
    return new Octets(new String(bytes, StandardCharsets.ISO_8859_1));
  }

  /** A new array with the bytes. */
  public byte[] bytes() {
    return latin1.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** The number of bytes alone. */
  @Override
  public String toString() {
    return latin1.length() + " bytes";
  }
}
