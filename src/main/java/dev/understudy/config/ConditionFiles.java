package dev.understudy.config;

import dev.understudy.condition.ExpressionException;
import dev.understudy.condition.FileValues;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * Puts the values of files into conditions: {@code client-address(file(blocked.txt))}. A file has
 * one value a line; empty lines and those that begin with {@code #} are left out.
 */
final class ConditionFiles {
  private static final int MOST_VALUES = 10_000;

  private final Path directory;
  private final NamedFiles.Reader files;

  /**
   * @param directory that of the configuration file
   */
  ConditionFiles(Path directory, NamedFiles.Reader files) {
    this.directory = directory;
    this.files = files;
  }

  /** The condition with the files' values in place of their names. */
  String expanded(String condition) throws ExpressionException {
    return FileValues.expanded(condition, this::values);
  }

  private List<String> values(String name) throws ExpressionException {
    byte[] content;
    try {
      content = files.read(directory.resolve(name));
    } catch (IOException | IllegalArgumentException e) {
      throw new ExpressionException("expected a readable file at " + name);
    }
    if (content.length > DynamicFileLimits.NAMED_FILE_BYTES) {
      throw new ExpressionException("expected a file of at most 64 KB at " + name);
    }
    List<String> values =
        text(content, name)
            .lines()
            .map(String::strip)
            .filter(each -> !each.isEmpty() && !each.startsWith("#"))
            .toList();
    if (values.isEmpty() || values.size() > MOST_VALUES) {
      throw new ExpressionException(
          "expected 1 to "
              + MOST_VALUES
              + " values, one a line, in "
              + name
              + ", found "
              + values.size());
    }
    return values;
  }

  private static String text(byte[] content, String name) throws ExpressionException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
    } catch (CharacterCodingException e) {
      throw new ExpressionException("expected UTF-8 in the file " + name);
    }
  }
}
