package dev.understudy.admin.access;

import dev.understudy.file.BoundedFile;
import dev.understudy.file.FileChanges;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of a single token. Each change of its state is logged only once, because any client can
 * cause a read. Thread-safe.
 */
final class TokenFile {
  private static final Logger log = LoggerFactory.getLogger(AccessTokens.class);
  private static final int MAX_BYTES = 4096;

  private final Path file;
  private final FileChanges changes;

  /** What was read last; null if it could not be. */
  private @Nullable String token;

  /** The state that was logged last; empty if the file was usable. */
  private String logged = "";

  TokenFile(Path file) {
    this.file = file;
    this.changes = new FileChanges(file);
  }

  /**
   * Returns the token. Reads its file if that may have changed; empty if the file is empty, null if
   * it cannot be read or exceeds 4096 bytes.
   */
  synchronized @Nullable String token() {
    try {
      if (changes.any()) {
        token = read();
      }
    } catch (IOException e) {
      changes.forget();
      token = null;
      off("cannot be read, changes are off: " + BoundedFile.reason(e));
    }
    return token;
  }

  private @Nullable String read() throws IOException {
    byte[] bytes = BoundedFile.read(file, MAX_BYTES);
    if (bytes.length > MAX_BYTES) {
      off("is larger than " + MAX_BYTES + " bytes, changes are off");
      return null;
    }
    String read = new String(bytes, StandardCharsets.UTF_8).strip();
    if (read.isEmpty()) {
      off("is empty, changes are off");
    } else if (!logged.isEmpty()) {
      logged = "";
      log.info("The token file {} can be read, changes are on", file);
    }
    return read;
  }

  /** Has the file be read at the next call, changed or not. */
  synchronized void forget() {
    changes.forget();
  }

  private void off(String what) {
    if (!logged.equals(what)) {
      logged = what;
      log.warn("The token file {} {}", file, what);
    }
  }
}
