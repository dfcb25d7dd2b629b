package dev.understudy.admin;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The static settings {@code understudy.admin.*}.
 *
 * @param token that writes must bring; null or empty: none
 * @param tokenFile a file that holds it, and nothing else but white space around it; null: none
 */
@ConfigurationProperties("understudy.admin")
record AdminProperties(@Nullable String token, @Nullable Path tokenFile) {
  /**
   * What they say.
   *
   * @throws IllegalStateException if they contradict each other
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
