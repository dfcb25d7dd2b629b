package dev.understudy.admin;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The secret that writes must bring.
 *
 * <p>A file is read for each check: writes are rare, and so a changed file, also one that changes
 * through a mounted secret's symbolic link, counts at once. A file that can't be read means that
 * nothing is accepted, never that any token will do.
 */
final class AdminToken {
  /** What a check says. */
  enum Verdict {
    ACCEPTED,
    REJECTED,
    /** There is no token, so that nothing can be accepted. */
    NOT_SET,
    /** The token's file can't be read, so that nothing can be accepted; the log says why. */
    UNREADABLE
  }

  static final AdminToken NONE = new AdminToken(() -> "");

  /** Empty: none is set; null: can't be read. */
  private final Supplier<@Nullable String> secret;

  private AdminToken(Supplier<@Nullable String> secret) {
    this.secret = secret;
  }

  static AdminToken of(String token) {
    String trimmed = token.strip();
    return new AdminToken(() -> trimmed);
  }

  /** Reads nothing yet. */
  static AdminToken inFile(Path file) {
    TokenFile tokens = new TokenFile(file);
    return new AdminToken(tokens::read);
  }

  /**
   * Compares in a time that tells nothing about the secret. May read a file: not for event loops.
   */
  Verdict check(String presented) {
    String expected = secret.get();
    if (expected == null) {
      return Verdict.UNREADABLE;
    }
    if (expected.isEmpty()) {
      return Verdict.NOT_SET;
    }
    return MessageDigest.isEqual(digest(expected), digest(presented))
        ? Verdict.ACCEPTED
        : Verdict.REJECTED;
  }

  /** Equal lengths, whatever was presented. */
  private static byte[] digest(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return "AdminToken";
  }
}
