package dev.understudy.agreement;

import dev.understudy.file.BoundedFile;
import dev.understudy.file.DurableFile;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The file behind {@code understudy.state-file}: JSON, replaced as a whole, so that a reader finds
 * the old state or the new one, never a part.
 */
final class StateFile {
  /** A larger file was not written by Understudy. */
  static final int MAX_BYTES = 8 * 1024 * 1024;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final Path path;

  StateFile(Path path) {
    this.path = path.toAbsolutePath();
  }

  Path path() {
    return path;
  }

  /**
   * Reads the file.
   *
   * @return empty if there is none
   * @throws IOException if it cannot be read or is damaged, with the reason
   */
  Optional<StateDocument> read() throws IOException {
    byte[] bytes;
    try {
      bytes = BoundedFile.read(path, MAX_BYTES);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    if (bytes.length > MAX_BYTES) {
      throw new IOException("larger than " + MAX_BYTES + " bytes");
    }
    return Optional.of(parse(bytes));
  }

  void write(StateDocument document) throws IOException {
    DurableFile.replace(path, bytes(document));
  }

  static byte[] bytes(StateDocument document) {
    return JSON.writeValueAsBytes(document);
  }

  static StateDocument parse(byte[] bytes) throws IOException {
    StateDocument document;
    try {
      document = JSON.readValue(bytes, StateDocument.class);
    } catch (JacksonException e) {
      throw new IOException(e.getOriginalMessage(), e);
    }
    if (document == null) {
      throw new IOException("expected an object, found null");
    }
    if (document.version() != StateDocument.VERSION) {
      throw new IOException(
          "expected version " + StateDocument.VERSION + ", found " + document.version());
    }
    return document;
  }
}
