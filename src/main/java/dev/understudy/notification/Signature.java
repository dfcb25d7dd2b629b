package dev.understudy.notification;

import dev.understudy.file.BoundedFile;
import dev.understudy.file.FileChanges;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signs messages with the secret of a file: {@code t=SECONDS,v1=HEX}, where {@code HEX} is the
 * HMAC-SHA-256 of {@code SECONDS.BODY}. The file is read again when it changes; one that cannot be
 * used keeps the secret from before.
 */
final class Signature {
  static final String HEADER = "Understudy-Signature";

  private static final Logger log = LoggerFactory.getLogger(Signature.class);
  private static final String ALGORITHM = "HmacSHA256";
  private static final int MIN_BYTES = 16;
  private static final int MAX_BYTES = 4096;

  private final Path file;
  private final FileChanges changes;
  private String secret;

  /**
   * @throws IllegalArgumentException if the file holds no secret
   */
  Signature(Path file) {
    this.file = file;
    this.changes = new FileChanges(file);
    this.secret = read(file);
  }

  /**
   * Reads a secret; white space at its ends does not count.
   *
   * @throws IllegalArgumentException if there is none of 16 to 4096 bytes
   */
  static String read(Path file) {
    byte[] bytes;
    try {
      bytes = BoundedFile.read(file, MAX_BYTES);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "the file " + file + " cannot be read: " + BoundedFile.reason(e), e);
    }
    String text = new String(bytes, StandardCharsets.UTF_8).strip();
    if (text.length() < MIN_BYTES || bytes.length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "expected a secret of %d to %d bytes in the file %s"
              .formatted(MIN_BYTES, MAX_BYTES, file));
    }
    return text;
  }

  /** The value of the header field. */
  String of(byte[] body, Instant now) {
    refresh();
    long seconds = now.getEpochSecond();
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM));
      mac.update((seconds + ".").getBytes(StandardCharsets.UTF_8));
      return "t=" + seconds + ",v1=" + HexFormat.of().formatHex(mac.doFinal(body));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private void refresh() {
    try {
      if (changes.any()) {
        secret = read(file);
      }
    } catch (IOException | IllegalArgumentException e) {
      changes.forget();
      log.warn(
          "{} cannot be used, so the previous secret stays in force: {}", file, e.getMessage());
    }
  }
}
