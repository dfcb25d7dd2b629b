package dev.understudy.admin;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The static settings {@code understudy.admin.*}.
 *
 * @param token the token that writes must present; none if null or blank
 * @param tokenFile a file that holds only the token, with optional white space around it; null if
 *     there is none
 */
@ConfigurationProperties("understudy.admin")
record AdminProperties(@Nullable String token, @Nullable Path tokenFile) {
  /**
   * Returns the token that the settings define.
   *
   * @throws IllegalStateException if both settings are given
   */
  AdminToken adminToken() {
    String literal = token == null || token.isBlank() ? null : token;
    if (tokenFile == null) {
      return literal == null ? AdminToken.NONE : AdminToken.of(literal);
    }
    if (literal != null) {
      throw new IllegalStateException(
          "understudy.admin.token and understudy.admin.token-file are both set; expected one of"
              + " them");
    }
    return AdminToken.inFile(tokenFile);
  }

  @Override
  public String toString() {
    return "AdminProperties[token=" + (token == null ? "" : "***") + ", file=" + tokenFile + "]";
  }
}
