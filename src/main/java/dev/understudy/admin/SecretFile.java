package dev.understudy.admin;

import dev.understudy.file.BoundedFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of a single token. Each change of its state is logged only once, because any client can
 * cause a read.
 */
final class SecretFile {
  private static final Logger log = LoggerFactory.getLogger(AccessTokens.class);
  private static final int MAX_BYTES = 4096;

  private final Path file;

  /** The state that was logged last; empty if the file was usable. */
  private final AtomicReference<String> said = new AtomicReference<>("");

  SecretFile(Path file) {
    this.file = file;
  }

  /**
   * Reads the token; empty if the file is empty, null if it cannot be read or exceeds 4096 bytes.
   */
  @Nullable String read() {
    try {
      byte[] bytes = BoundedFile.read(file, MAX_BYTES);
      if (bytes.length > MAX_BYTES) {
        off("is larger than " + MAX_BYTES + " bytes, changes are off");
        return null;
      }
      String token = new String(bytes, StandardCharsets.UTF_8).strip();
      if (token.isEmpty()) {
        off("is empty, changes are off");
      } else if (!said.getAndSet("").isEmpty()) {
        log.info("The token file {} can be read, changes are on", file);
      }
      return token;
    } catch (IOException e) {
      off("can't be read, changes are off: " + BoundedFile.reason(e));
      return null;
    }
  }

  private void off(String what) {
    if (!said.getAndSet(what).equals(what)) {
      log.warn("The token file {} {}", file, what);
    }
  }
}
