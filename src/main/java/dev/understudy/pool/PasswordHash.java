package dev.understudy.pool;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The stored form of a password, as in crypt(3).
 *
 * @param text in the scheme's form; the password itself if it is {@link Scheme#PLAIN}
 */
public record PasswordHash(Scheme scheme, String text) {
  /** How a password is stored. */
  public enum Scheme {
    /** {@code $1$}. */
    MD5_CRYPT("\\$1\\$[./0-9A-Za-z]{1,8}\\$[./0-9A-Za-z]{22}"),
    /** {@code $apr1$}, of Apache's {@code htpasswd -m}. */
    APR1("\\$apr1\\$[./0-9A-Za-z]{1,8}\\$[./0-9A-Za-z]{22}"),
    /** {@code $5$}, possibly with {@code rounds}. */
    SHA256_CRYPT(
        "\\$5\\$(rounds=(?<rounds>[0-9]{1,9})\\$)?[./0-9A-Za-z]{1,16}\\$[./0-9A-Za-z]{43}"),
    /** {@code $6$}, possibly with {@code rounds}. */
    SHA512_CRYPT(
        "\\$6\\$(rounds=(?<rounds>[0-9]{1,9})\\$)?[./0-9A-Za-z]{1,16}\\$[./0-9A-Za-z]{86}"),
    /** {@code $2y$} and its like, of {@code htpasswd -B}. */
    BCRYPT("\\$2[aby]\\$(?<cost>[0-9]{2})\\$[./0-9A-Za-z]{53}"),
    /** {@code {plain}secret}. */
    PLAIN("\\{plain\\}(?<secret>[^\\p{Cntrl}]{1,256})");

    private final Pattern form;

    Scheme(String form) {
      this.form = Pattern.compile(form);
    }
  }

  /** About half a second of a CPU. */
  private static final int MOST_ROUNDS = 500_000;

  private static final int LEAST_COST = 4;

  /** About a second of a CPU. */
  private static final int MOST_COST = 14;

  /**
   * Reads the stored form.
   *
   * @throws IllegalArgumentException if it is none; the message says what was expected, and shows
   *     nothing of the text
   */
  public static PasswordHash of(String text) {
    for (Scheme scheme : Scheme.values()) {
      Matcher form = scheme.form.matcher(text);
      if (form.matches()) {
        return read(scheme, form);
      }
    }
    throw new IllegalArgumentException(
        "expected a hash that begins with $5$, $6$, $2y$, $apr1$ or $1$, or {plain} and the"
            + " password");
  }

  private static PasswordHash read(Scheme scheme, Matcher form) {
    switch (scheme) {
      case SHA256_CRYPT, SHA512_CRYPT -> {
        String rounds = form.group("rounds");
        if (rounds != null && Integer.parseInt(rounds) > MOST_ROUNDS) {
          throw new IllegalArgumentException("expected at most " + MOST_ROUNDS + " rounds");
        }
      }
      case BCRYPT -> {
        int cost = Integer.parseInt(form.group("cost"));
        if (cost < LEAST_COST || cost > MOST_COST) {
          throw new IllegalArgumentException(
              "expected a cost from " + LEAST_COST + " to " + MOST_COST);
        }
      }
      case PLAIN -> {
        return new PasswordHash(scheme, form.group("secret"));
      }
      case MD5_CRYPT, APR1 -> {}
    }
    return new PasswordHash(scheme, form.group());
  }

  /** Omits the text. */
  @Override
  public String toString() {
    return "PasswordHash[" + scheme + "]";
  }
}
