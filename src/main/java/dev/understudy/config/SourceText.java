package dev.understudy.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Reads and decodes files. */
final class SourceText {
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private SourceText() {}

  /** Reads at most {@code limit} + 1 bytes of a file. */
  static byte[] read(Path file, int limit) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(limit + 1);
    }
  }

  /** Returns the text, or null after reporting a problem. */
  static @Nullable String decode(byte[] content, Problems problems) {
    if (content.length > Limits.FILE_BYTES) {
      problems.addAt(Position.WHOLE_FILE, "expected at most 1 MB, found more");
      return null;
    }
    ByteBuffer in = ByteBuffer.wrap(content);
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(in).toString();
      return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      problems.addAt(placeOf(content, in.position()), "expected UTF-8, found other bytes");
      return null;
    }
  }

  private static Position placeOf(byte[] content, int index) {
    int line = 1;
    int lineStart = 0;
    for (int i = 0; i < index; i++) {
      if (content[i] == '\n') {
        line++;
        lineStart = i + 1;
      }
    }
    return new Position(line, index - lineStart + 1);
  }
}
