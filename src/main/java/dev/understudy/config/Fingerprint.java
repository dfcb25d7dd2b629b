package dev.understudy.config;

import dev.understudy.file.Sha256;
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
    return content == null ? "" : HexFormat.of().formatHex(Sha256.of(content));
  }
}
