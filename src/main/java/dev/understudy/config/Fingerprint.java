package dev.understudy.config;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Identifies the content of the dynamic file and of those that it names without holding any of it.
 *
 * @param content see {@link #digest}
 */
record Fingerprint(String content, NamedFiles named) {
  static Fingerprint of(byte @Nullable [] content, NamedFiles named) {
    return new Fingerprint(digest(content), named);
  }

  /** SHA-256 in hexadecimal digits; empty if there is no content. */
  static String digest(byte @Nullable [] content) {
    return content == null ? "" : HexFormat.of().formatHex(sha256().digest(content));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
