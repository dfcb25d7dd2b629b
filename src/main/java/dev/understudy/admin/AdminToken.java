package dev.understudy.admin;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The secret that writes must present.
 *
 * <p>A token file is read at each check, because writes are rare: a changed file counts at once,
 * even if it changes through a mounted secret's symbolic link. If the file cannot be read, every
 * token is rejected.
 */
final class AdminToken {
  /** The result of a check. */
  enum Verdict {
    ACCEPTED,
    REJECTED,
    /** No token is set, so none can be accepted. */
    NOT_SET,
    /** The token file cannot be read, so none can be accepted; the log has the reason. */
    UNREADABLE
  }

  static final AdminToken NONE = new AdminToken(() -> "");

  /** Supplies the secret: empty if none is set, null if it cannot be read. */
  private final Supplier<@Nullable String> secret;

  private AdminToken(Supplier<@Nullable String> secret) {
    this.secret = secret;
  }

  static AdminToken of(String token) {
    String trimmed = token.strip();
    return new AdminToken(() -> trimmed);
  }

  /** Returns the token in a file, which is read at each check. */
  static AdminToken inFile(Path file) {
    TokenFile tokens = new TokenFile(file);
    return new AdminToken(tokens::read);
  }

  /**
   * Compares in a time that reveals nothing about the secret. May read a file, so it must not run
   * on an event loop.
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

  /** Hashes the text, so that compared values have equal lengths. */
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
