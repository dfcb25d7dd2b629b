package dev.understudy.agreement.http;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Splits a stream into JSON objects. Ends of chunks and lines do not mark ends of objects: both
 * depend on buffers on the way.
 */
public final class JsonObjectSplitter {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final int most;

  /** The bytes of the object that has begun and not ended. */
  private ByteArrayOutputStream begun = new ByteArrayOutputStream();

  private int depth;
  private boolean inString;
  private boolean escaped;

  /**
   * Creates a splitter.
   *
   * @param most limit of each object in bytes
   */
  JsonObjectSplitter(int most) {
    this.most = most;
  }

  /**
   * Takes the next bytes.
   *
   * @return the objects that end in them, in order
   * @throws IllegalArgumentException if there is anything but objects and blanks, or an object is
   *     too large
   */
  List<JsonNode> add(byte[] chunk) {
    List<JsonNode> complete = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < chunk.length; i++) {
      if (depth == 0 && !begins(chunk[i])) {
        start = i + 1;
      } else if (ends(chunk[i])) {
        keep(chunk, start, i + 1);
        complete.add(object(begun.toString(StandardCharsets.UTF_8)));
        begun = new ByteArrayOutputStream();
        start = i + 1;
      }
    }
    keep(chunk, start, chunk.length);
    return complete;
  }

  /**
   * Parses one object.
   *
   * @throws IllegalArgumentException if the text is not one JSON object
   */
  public static JsonNode object(String text) {
    JsonNode node;
    try {
      node = JSON.readTree(text);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("no JSON: " + e.getOriginalMessage(), e);
    }
    if (!node.isObject()) {
      throw new IllegalArgumentException("no JSON object");
    }
    return node;
  }

  private static boolean begins(byte next) {
    if (next == '{') {
      return true;
    }
    if (next != ' ' && next != '\n' && next != '\r' && next != '\t') {
      throw new IllegalArgumentException("no JSON object");
    }
    return false;
  }

  /** Whether the object ends with that byte. Bytes within UTF-8 sequences are no signs. */
  private boolean ends(byte next) {
    if (inString) {
      if (escaped) {
        escaped = false;
      } else if (next == '\\') {
        escaped = true;
      } else if (next == '"') {
        inString = false;
      }
      return false;
    }
    switch (next) {
      case '"' -> inString = true;
      case '{' -> depth++;
      case '}' -> depth--;
      default -> {}
    }
    return depth == 0;
  }

  private void keep(byte[] chunk, int start, int end) {
    if (begun.size() + (end - start) > most) {
      throw new IllegalArgumentException("an object of more than " + most + " bytes");
    }
    begun.write(chunk, start, end - start);
  }
}
