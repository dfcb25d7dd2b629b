package dev.understudy.config;

import java.util.regex.Pattern;

/**
 * What must not be shown: values of request headers to servers, and whatever is named like a
 * secret.
 *
 * <p>Values that come from placeholders need no rule: errors show the placeholder.
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
