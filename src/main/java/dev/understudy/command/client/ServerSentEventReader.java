package dev.understudy.command.client;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Parses server-sent events (WHATWG HTML §9.2.6): {@code id}, {@code data} and {@code retry};
 * comments and other fields are ignored. The end of the stream within an event is a failure.
 */
final class ServerSentEventReader {
  /**
   * One event of a stream.
   *
   * @param id the last id that the stream has named; null if none
   * @param data the lines of {@code data}
   */
  record StreamedEvent(@Nullable String id, String data) {}

  /** The maximum size of a line; an event of our API has some hundred bytes. */
  private static final int MAX_LINE = 1 << 20;

  private static final int MAX_RETRY_MILLIS = 60_000;

  private final InputStream in;
  private @Nullable String id;
  private int retryMillis;

  /**
   * @param retryMillis the pause before the next attempt, unless the stream names another
   */
  ServerSentEventReader(InputStream in, int retryMillis) {
    this.in = new BufferedInputStream(in);
    this.retryMillis = retryMillis;
  }

  int retryMillis() {
    return retryMillis;
  }

  /**
   * The next event; null at the end of the stream.
   *
   * @throws IOException if the stream fails, or ends within an event
   */
  @Nullable StreamedEvent next() throws IOException {
    StringBuilder data = new StringBuilder();
    for (String line = line(); line != null; line = line()) {
      if (line.isEmpty()) {
        if (!data.isEmpty()) {
          return new StreamedEvent(id, data.substring(0, data.length() - 1));
        }
      } else {
        field(line, data);
      }
    }
    if (!data.isEmpty()) {
      throw cut();
    }
    return null;
  }

  private void field(String line, StringBuilder data) {
    int colon = line.indexOf(':');
    String name = colon < 0 ? line : line.substring(0, colon);
    String value = colon < 0 ? "" : line.substring(colon + 1);
    value = value.startsWith(" ") ? value.substring(1) : value;
    switch (name) {
      case "id" -> id = value;
      case "data" -> data.append(value).append('\n');
      case "retry" -> retry(value);
      default -> {
        // A comment, whose name is empty, or a field that is not needed.
      }
    }
  }

  private void retry(String value) {
    try {
      retryMillis = Math.min(Math.max(Integer.parseInt(value), 0), MAX_RETRY_MILLIS);
    } catch (NumberFormatException e) {
      // Ignored, as the standard says.
    }
  }

  private static IOException cut() {
    return new EOFException("the stream ended within an event");
  }

  /** A line without its end; null at the end of the stream. */
  private @Nullable String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b >= 0; b = in.read()) {
      if (b == '\n') {
        String text = line.toString(StandardCharsets.UTF_8);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
      }
      if (line.size() == MAX_LINE) {
        throw new IOException("a line of the event stream has more than " + MAX_LINE + " bytes");
      }
      line.write(b);
    }
    if (line.size() > 0) {
      throw cut();
    }
    return null;
  }
}
