package dev.understudy.config;

import dev.understudy.file.BoundedFile;
import dev.understudy.file.Sha256;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
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
    List<byte[]> parts = new ArrayList<>();
    add(parts, content);
    namedFiles.stream().sorted().forEach(file -> add(parts, contentOf(file)));
    return new Fingerprint(HexFormat.of().formatHex(Sha256.of(parts)));
  }

  private static void add(List<byte[]> parts, byte @Nullable [] content) {
    parts.add(new byte[] {(byte) (content == null ? 0 : 1)});
    if (content != null) {
      parts.add(Sha256.of(content));
    }
  }

  private static byte @Nullable [] contentOf(Path file) {
    try {
      return BoundedFile.read(file, Limits.NAMED_FILE_BYTES);
    } catch (IOException e) {
      return null;
    }
  }
}
