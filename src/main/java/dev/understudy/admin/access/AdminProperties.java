package dev.understudy.admin.access;

import dev.understudy.pool.Setting.Unset;
import dev.understudy.pool.Setting.Values;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The static settings {@code understudy.admin.*}.
 *
 * @param token One token, named {@code token}, of role {@code operate}. Set only one of `token`,
 *     `token-file` and `tokens-file`.
 * @param tokenFile The same token from a file, read again when it changes. While the file cannot be
 *     read, writes are off, and {@code /api/whoami} gets 503.
 * @param tokensFile Named [tokens with roles](static.md#tokens), read again when it changes.
 * @param reads {@code token}: reads of the API, its streams and metrics need a token of any role.
 *     The console's files, health and {@code /api/whoami} stay open.
 * @param hosts Further names of the management port, beside {@code localhost}, the machine's own
 *     names and every address. {@code *}: any name. [Requests to other names get
 *     421](../deploy/api.md#names-of-the-port).
 * @param url The console's address for operators, as links of
 *     [notifications](../deploy/notifications.md) have it.
 */
@ConfigurationProperties("understudy.admin")
public record AdminProperties(
    @Unset("no writes") @Nullable String token,
    @Unset("no writes") @Values("a file of at most 4096 bytes") @Nullable Path tokenFile,
    @Unset("no writes") @Values("a file of at most 64 KB") @Nullable Path tokensFile,
    @DefaultValue("open") ReadPolicy reads,
    @Values("names, `*.example.com`, `*`") @DefaultValue List<String> hosts,
    @Unset("no links") @Values("`http` or `https`") @Nullable URI url) {
  public AdminProperties {
    if (url != null
        && (url.getHost() == null || !String.valueOf(url.getScheme()).startsWith("http"))) {
      throw new IllegalArgumentException(
          "understudy.admin.url: expected an http or https URL with a host, found \"" + url + "\"");
    }
  }

  /**
   * Returns the tokens that the settings define.
   *
   * @throws IllegalStateException if more than one of them is given, or none and reads need one
   */
  public AccessTokens tokens() {
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
    if (reads == ReadPolicy.TOKEN) {
      throw new IllegalStateException(
          "understudy.admin.reads: expected open, as no token is set (%s, %s or %s), found \"token\""
              .formatted(AccessTokens.TOKEN, AccessTokens.TOKEN_FILE, AccessTokens.TOKENS_FILE));
    }
    return AccessTokens.NONE;
  }

  /** Whether a file holds the tokens, which may change. */
  public boolean isInFile() {
    return tokenFile != null || tokensFile != null;
  }

  @Override
  public String toString() {
    return "AdminProperties[token=%s, tokenFile=%s, tokensFile=%s, reads=%s, hosts=%s, url=%s]"
        .formatted(token == null ? "" : "***", tokenFile, tokensFile, reads, hosts, url);
  }
}
