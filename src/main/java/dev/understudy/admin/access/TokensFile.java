package dev.understudy.admin.access;

import dev.understudy.file.BoundedFile;
import dev.understudy.file.FileChanges;
import dev.understudy.file.Sha256;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of named tokens. A file that cannot be used keeps the tokens read before. Each change is
 * logged only once, because any client can cause a read. Thread-safe.
 */
final class TokensFile {
  private static final Logger log = LoggerFactory.getLogger(AccessTokens.class);

  /** Far above 100 tokens. */
  static final int MAX_BYTES = 64 * 1024;

  private final Path file;
  private final FileChanges changes;

  /** SHA-256 of the content that was taken last; null if the file could not be read. */
  private byte @Nullable [] last;

  private String trouble = "";
  private @Nullable List<AccessToken> tokens;

  TokensFile(Path file) {
    this.file = file;
    this.changes = new FileChanges(file);
  }

  /**
   * Returns the tokens. Reads the file if it may have changed, and parses it if it has; null if it
   * could never be used.
   */
  synchronized @Nullable List<AccessToken> tokens() {
    try {
      if (changes.any()) {
        read();
      }
    } catch (IOException e) {
      changes.forget();
      last = null;
      keep("cannot be read: " + BoundedFile.reason(e));
    }
    return tokens;
  }

  private void read() throws IOException {
    byte[] bytes = BoundedFile.read(file, MAX_BYTES);
    byte[] digest = Sha256.of(bytes);
    if (!Arrays.equals(digest, last)) {
      last = digest;
      take(bytes);
    }
  }

  /** Has the file be read at the next call, changed or not. */
  synchronized void forget() {
    changes.forget();
  }

  private void take(byte[] bytes) {
    if (bytes.length > MAX_BYTES) {
      keep("is larger than " + MAX_BYTES + " bytes");
      return;
    }
    try {
      tokens = TokensParser.parse(bytes);
      trouble = "";
      log.info("The tokens file {} is in force: {}", file, count(tokens));
    } catch (TokensParser.UnusableException e) {
      keep("cannot be used: " + e.getMessage());
    }
  }

  private void keep(String why) {
    if (!why.equals(trouble)) {
      trouble = why;
      log.warn(
          "The tokens file {} {}; {}",
          file,
          why,
          tokens == null
              ? "no token is accepted"
              : "keeping what was read before: " + count(tokens));
    }
  }

  private static String count(List<AccessToken> tokens) {
    long operating = tokens.stream().filter(each -> each.role() == Role.OPERATE).count();
    return "%d of role operate, %d of role view".formatted(operating, tokens.size() - operating);
  }
}
