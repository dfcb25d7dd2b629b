package dev.understudy.config;

import java.util.regex.Pattern;

/**
 * Recognises values that must not be shown: the headers of probes, and values whose name or text
 * suggests a secret.
 *
 * <p>Values from placeholders need no rule, because errors show the placeholder.
 */
final class Secrets {
  static final String MASK = "***";

  private static final Pattern TELLING =
      Pattern.compile(
          "health\\.headers\\b|authori[sz]ation|token|secret|passw|passphrase|api-?key|credential"
              + "|cookie=|basic |bearer ",
          Pattern.CASE_INSENSITIVE);

  private Secrets() {}

  /** Whether a property of this path, or a text like this one, is likely to hold a secret. */
  static boolean isSecret(String pathOrText) {
    return TELLING.matcher(pathOrText).find();
  }
}
