package dev.understudy.agreement.etcd;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * Splits a stream into JSON objects. Ends of chunks and lines do not mark ends of objects: both
 * depend on buffers on the way.
 */
final class JsonObjects {
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
  JsonObjects(int most) {
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
        complete.add(GatewayJson.object(begun.toByteArray()));
        begun = new ByteArrayOutputStream();
        start = i + 1;
      }
    }
    keep(chunk, start, chunk.length);
    return complete;
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
