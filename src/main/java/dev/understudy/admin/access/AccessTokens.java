package dev.understudy.admin.access;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that clients may present.
 *
 * <p>Each check looks whether a file has changed: a changed file counts at once, even if it changes
 * through a mounted secret's symbolic link.
 */
public final class AccessTokens {
  /** The setting of the only token. */
  public static final String TOKEN = "understudy.admin.token";

  /** The setting that names the file of the only token. */
  public static final String TOKEN_FILE = "understudy.admin.token-file";

  /** The setting that names the file of {@link TokensParser named tokens}. */
  public static final String TOKENS_FILE = "understudy.admin.tokens-file";

  /** The result of a check. */
  public sealed interface Verdict {
    /** One of the tokens. */
    record Accepted(String name, Role role) implements Verdict {}

    /** None of the tokens. */
    record Rejected() implements Verdict {}

    /** No token is set, so none can be accepted. */
    record NotSet() implements Verdict {}

    /**
     * The file cannot be used, so no token can be accepted; the log has the reason.
     *
     * @param setting the setting that names the file
     */
    record Unreadable(String setting) implements Verdict {}
  }

  public static final AccessTokens NONE = new AccessTokens("", List::of, () -> {});

  /** The name of the only token of {@code understudy.admin.token} and {@code .token-file}. */
  public static final String ONLY = "token";

  private final String setting;

  /** Supplies the tokens: empty if none is set, null if they cannot be read. */
  private final Supplier<@Nullable List<AccessToken>> tokens;

  /** Has a file be read at the next call, whether or not it seems changed. */
  private final Runnable forget;

  private AccessTokens(
      String setting, Supplier<@Nullable List<AccessToken>> tokens, Runnable forget) {
    this.setting = setting;
    this.tokens = tokens;
    this.forget = forget;
  }

  /** The only token, which may do everything. */
  public static AccessTokens of(String secret) {
    List<AccessToken> only = only(secret);
    return new AccessTokens(TOKEN, () -> only, () -> {});
  }

  /** The only token, in a file. */
  public static AccessTokens inTokenFile(Path file) {
    TokenFile secret = new TokenFile(file);
    return new AccessTokens(
        TOKEN_FILE,
        () -> {
          String read = secret.token();
          return read == null ? null : only(read);
        },
        secret::forget);
  }

  /** Named tokens with roles, in a file. */
  public static AccessTokens inTokensFile(Path file) {
    TokensFile read = new TokensFile(file);
    return new AccessTokens(TOKENS_FILE, read::tokens, read::forget);
  }

  private static List<AccessToken> only(String secret) {
    String trimmed = secret.strip();
    return trimmed.isEmpty() ? List.of() : List.of(AccessToken.of(ONLY, Role.OPERATE, trimmed));
  }

  /**
   * Compares with all tokens, in a time that reveals nothing about them. May read a file, so it
   * must not run on an event loop.
   */
  public Verdict check(String presented) {
    List<AccessToken> all = tokens.get();
    if (all == null) {
      return new Verdict.Unreadable(setting);
    }
    if (all.isEmpty() && !isList()) {
      return new Verdict.NotSet();
    }
    byte[] digest = AccessToken.digest(presented);
    Verdict verdict = new Verdict.Rejected();
    for (AccessToken each : all) { // Never left early.
      if (each.isOf(digest)) {
        verdict = new Verdict.Accepted(each.name(), each.role());
      }
    }
    return verdict;
  }

  /** Whether some token may change something. May read a file. */
  public boolean anyOperates() {
    List<AccessToken> all = tokens.get();
    return all != null && all.stream().anyMatch(each -> each.role() == Role.OPERATE);
  }

  /**
   * Reads the file, if there is one, so that the log tells of a change soon, and a change that does
   * not show in the file's attributes counts too.
   */
  public void refresh() {
    forget.run();
    var unused = tokens.get();
  }

  /** Whether the tokens come from a list, which may be empty on purpose. */
  private boolean isList() {
    return setting.equals(TOKENS_FILE);
  }

  @Override
  public String toString() {
    return "AccessTokens";
  }
}
