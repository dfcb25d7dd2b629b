package dev.understudy.command.client;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads one response of HTTP/1 (RFC 9112) from a connection that ends with it, within bounds. */
final class ComparedResponseReader {
  private static final int LONGEST_HEAD = 256 << 10;
  private static final int MOST_INTERIM = 16;
  private static final int LONGEST_CHUNK_LINE = 4096;

  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([1-9][0-9]{2})( .*)?");
  private static final Pattern CHUNK = Pattern.compile("([0-9A-Fa-f]{1,15})[ \\t]*(;.*)?");
  private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");

  private final int largest;
  private InputStream in = InputStream.nullInputStream();
  private int head;
  private ComparedResponse begun = ComparedResponse.NONE;

  /**
   * @param largest the bytes of a body that are read
   */
  ComparedResponseReader(int largest) {
    this.largest = largest;
  }

  /** The head of the response, once it is whole. */
  ComparedResponse begun() {
    return begun;
  }

  /**
   * Reads the response.
   *
   * @param method of the request: those to HEAD have no body
   * @throws EOFException if the connection ends before
   * @throws ProtocolException if it is no HTTP
   */
  ComparedResponse read(InputStream from, String method) throws IOException {
    in = from;
    for (int i = 0; i < MOST_INTERIM; i++) {
      int status = status();
      Map<String, List<String>> fields = fields();
      if (status >= 200 || status == 101) {
        begun = new ComparedResponse("", status, fields, new byte[0], false);
        return body(method, status, fields);
      }
    }
    throw new ProtocolException("more than " + MOST_INTERIM + " interim responses");
  }

  private int status() throws IOException {
    String line = line(LONGEST_HEAD);
    Matcher status = STATUS.matcher(line);
    if (!status.matches()) {
      throw new ProtocolException("it does not respond in HTTP/1");
    }
    return Integer.parseInt(status.group(1));
  }

  private Map<String, List<String>> fields() throws IOException {
    Map<String, List<String>> fields = new LinkedHashMap<>();
    for (String line = line(LONGEST_HEAD); !line.isEmpty(); line = line(LONGEST_HEAD)) {
      int colon = line.indexOf(':');
      if (colon < 1) {
        throw new ProtocolException("a line of the head is no field");
      }
      fields
          .computeIfAbsent(
              line.substring(0, colon).toLowerCase(Locale.ROOT), any -> new ArrayList<>())
          .add(line.substring(colon + 1).strip());
    }
    return fields;
  }

  /** A line of the head, or of a chunk, without its end. */
  private String line(int longest) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("the connection was closed before the response's end");
      }
      head++;
      if (line.size() >= longest || head > LONGEST_HEAD) {
        throw new ProtocolException("its head has more than " + LONGEST_HEAD + " bytes");
      }
      line.write(next);
    }
    String text = line.toString(StandardCharsets.ISO_8859_1);
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }

  private ComparedResponse body(String method, int status, Map<String, List<String>> fields)
      throws IOException {
    boolean none = method.equals("HEAD") || status == 101 || status == 204 || status == 304;
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    boolean cut;
    String coding = String.join(",", fields.getOrDefault("transfer-encoding", List.of()));
    List<String> lengths = fields.getOrDefault("content-length", List.of());
    if (none) {
      cut = false;
    } else if (coding.toLowerCase(Locale.ROOT).endsWith("chunked")) {
      cut = chunks(body);
    } else if (lengths.isEmpty()) {
      cut = rest(body);
    } else if (LENGTH.matcher(lengths.getFirst()).matches()) {
      cut = bytes(Long.parseLong(lengths.getFirst()), body);
    } else {
      throw new ProtocolException("its Content-Length is no number");
    }
    return new ComparedResponse("", status, fields, body.toByteArray(), cut);
  }

  private boolean chunks(ByteArrayOutputStream body) throws IOException {
    while (true) {
      head = 0;
      Matcher size = CHUNK.matcher(line(LONGEST_CHUNK_LINE));
      if (!size.matches()) {
        throw new ProtocolException("the size of a chunk is no number");
      }
      long length = Long.parseLong(size.group(1), 16);
      if (length == 0) {
        fields();
        return false;
      }
      if (bytes(length, body)) {
        return true;
      }
      line(LONGEST_CHUNK_LINE);
    }
  }

  /** Reads bytes up to the bound; whether there are more of them. */
  private boolean bytes(long length, ByteArrayOutputStream body) throws IOException {
    long wanted = Math.min(length, largest - body.size());
    byte[] read = in.readNBytes((int) wanted);
    body.writeBytes(read);
    if (read.length < wanted) {
      throw new EOFException("the connection was closed before the body's end");
    }
    return wanted < length;
  }

  private boolean rest(ByteArrayOutputStream body) throws IOException {
    body.writeBytes(in.readNBytes(largest));
    return body.size() == largest && in.read() >= 0;
  }
}
