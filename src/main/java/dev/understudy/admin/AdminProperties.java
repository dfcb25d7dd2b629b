package dev.understudy.admin;

import dev.understudy.admin.access.AccessTokens;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The static settings {@code understudy.admin.*}.
 *
 * @param token the only token; none if null or blank
 * @param tokenFile a file that holds only the token, with optional white space around it; null if
 *     there is none
 * @param tokensFile a file of named tokens with roles; null if there is none
 * @param reads who may read; {@code open} by default
 * @param hosts names by which clients may address the port; see {@link AllowedHosts}
 */
@ConfigurationProperties("understudy.admin")
record AdminProperties(
    @Nullable String token,
    @Nullable Path tokenFile,
    @Nullable Path tokensFile,
    @DefaultValue("open") ReadAccess reads,
    @DefaultValue List<String> hosts) {
  /**
   * Returns the tokens that the settings define.
   *
   * @throws IllegalStateException if more than one of them is given, or none and reads need one
   */
  AccessTokens tokens() {
    List<String> set = new ArrayList<>();
    String literal = token == null || token.isBlank() ? null : token;
    if (literal != null) {
      set.add(AccessTokens.TOKEN);
    }
    if (tokenFile != null) {
      set.add(AccessTokens.TOKEN_FILE);
    }
    if (tokensFile != null) {
      set.add(AccessTokens.TOKENS_FILE);
    }
    if (set.size() > 1) {
      throw new IllegalStateException(
          set.get(0) + " and " + set.get(1) + " are both set; expected one of them");
    }
    if (tokensFile != null) {
      return AccessTokens.inTokensFile(tokensFile);
    }
    if (tokenFile != null) {
      return AccessTokens.inTokenFile(tokenFile);
    }
    if (literal != null) {
      return AccessTokens.of(literal);
    }
    if (reads == ReadAccess.TOKEN) {
      throw new IllegalStateException(
          "understudy.admin.reads: expected open, as no token is set (%s, %s or %s), found \"token\""
              .formatted(AccessTokens.TOKEN, AccessTokens.TOKEN_FILE, AccessTokens.TOKENS_FILE));
    }
    return AccessTokens.NONE;
  }

  /**
   * Returns the hosts that the setting and the machine allow.
   *
   * @throws IllegalStateException if one of the setting is no name
   */
  AllowedHosts allowedHosts(Supplier<Set<String>> machine) {
    return new AllowedHosts(hosts, machine);
  }

  /** Whether a file holds the tokens, which may change. */
  boolean isInFile() {
    return tokenFile != null || tokensFile != null;
  }

  @Override
  public String toString() {
    return "AdminProperties[token=%s, tokenFile=%s, tokensFile=%s, reads=%s, hosts=%s]"
        .formatted(token == null ? "" : "***", tokenFile, tokensFile, reads, hosts);
  }
}
