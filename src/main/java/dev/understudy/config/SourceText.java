package dev.understudy.config;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Decodes the bytes of a file. */
final class SourceText {
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  private SourceText() {}

  /** Returns the text, or null after reporting a problem. */
  static @Nullable String decode(byte[] content, Problems problems) {
    if (content.length > DynamicFileLimits.FILE_BYTES) {
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
