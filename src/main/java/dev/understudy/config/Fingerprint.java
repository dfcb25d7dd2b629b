package dev.understudy.config;

import dev.understudy.file.BoundedFile;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A digest that identifies the content of the file and of those that it names without holding any
 * of it.
 */
record Fingerprint(String digest) {

  /**
   * Computes the digest of the content (null if there is none) and of the files; an unreadable file
   * counts as such.
   */
  static Fingerprint of(byte @Nullable [] content, Set<Path> namedFiles) {
    MessageDigest digest = sha256();
    add(digest, content);
    namedFiles.stream().sorted().forEach(file -> add(digest, contentOf(file)));
    return new Fingerprint(HexFormat.of().formatHex(digest.digest()));
  }

  private static void add(MessageDigest digest, byte @Nullable [] content) {
    digest.update((byte) (content == null ? 0 : 1));
    if (content != null) {
      digest.update(sha256().digest(content));
    }
  }

  private static byte @Nullable [] contentOf(Path file) {
    try {
      return BoundedFile.read(file, Limits.NAMED_FILE_BYTES);
    } catch (IOException e) {
      return null;
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
