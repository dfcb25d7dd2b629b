package dev.understudy.scenario;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A plain HTTP/1.1 client connection that sends just what it is told and never retries. */
public final class HttpConnection implements Closeable {
  private static final int READ_TIMEOUT_MILLIS = 120_000;

  private final Socket socket;
  private final InputStream in;
  private boolean reusable = true;
  private boolean answering;

  /** An answer; header names in lower case, the last of a name wins. */
  public record Answer(int status, Map<String, String> headers, String body) {}

  public HttpConnection(int port) throws IOException {
    this(port, "127.0.0.1");
  }

  /** A connection from that address of this machine. */
  HttpConnection(int port, String from) throws IOException {
    this(connected(port, from));
  }

  private HttpConnection(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream());
    socket.setSoTimeout(READ_TIMEOUT_MILLIS);
  }

  private static Socket connected(int port, String from) throws IOException {
    Socket socket = new Socket();
    try {
      if (!from.equals("127.0.0.1")) {
        socket.bind(new InetSocketAddress(from, 0));
      }
      socket.connect(new InetSocketAddress("127.0.0.1", port), READ_TIMEOUT_MILLIS);
      socket.setTcpNoDelay(true);
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** Over a connection that stands already: TLS, say. */
  public static HttpConnection over(Socket socket) throws IOException {
    return new HttpConnection(socket);
  }

  /** One request on a connection of its own. */
  public static Answer once(int port, String method, String target, String... headers)
      throws IOException {
    try (HttpConnection connection = new HttpConnection(port)) {
      return connection.send(method, target, "", headers);
    }
  }

  /** Gives up on an answer after that long without a byte. */
  public void setPatience(Duration patience) throws IOException {
    socket.setSoTimeout((int) patience.toMillis());
  }

  /** Sends one request and reads its answer. {@code headers} are whole lines. */
  public Answer send(String method, String target, String body, String... headers)
      throws IOException {
    StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\n");
    if (List.of(headers).stream().noneMatch(h -> h.toLowerCase(Locale.ROOT).startsWith("host:"))) {
      head.append("Host: localhost\r\n");
    }
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    if (!body.isEmpty()) {
      head.append("Content-Length: ").append(body.length()).append("\r\n");
    }
    head.append("\r\n").append(body);
    write(head.toString());
    return answer(method);
  }

  /** Sends a piece of a request, just as it is. */
  public void write(String piece) throws IOException {
    answering = false;
    socket.getOutputStream().write(piece.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Whether a byte of the answer to what was last written came. */
  public boolean answering() {
    return answering;
  }

  /** Breaks the connection off. */
  public void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  /** Whether another request may follow. */
  public boolean reusable() {
    return reusable;
  }

  /** Reads the answer to a request with that method. */
  public Answer answer(String method) throws IOException {
    String statusLine = line();
    int status = Integer.parseInt(statusLine.substring(9, 12));
    Map<String, String> headers = new LinkedHashMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).trim());
    }
    if ("close".equalsIgnoreCase(headers.get("connection"))) {
      reusable = false;
    }
    return new Answer(status, headers, body(method, status, headers));
  }

  private String body(String method, int status, Map<String, String> headers) throws IOException {
    if (method.equals("HEAD") || status == 204 || status == 304 || status < 200) {
      return "";
    }
    if ("chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) {
      StringBuilder body = new StringBuilder();
      for (int size = chunkSize(); size > 0; size = chunkSize()) {
        body.append(text(size));
        line();
      }
      line();
      return body.toString();
    }
    String length = headers.get("content-length");
    if (length != null) {
      return text(Integer.parseInt(length));
    }
    reusable = false;
    return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
  }

  private int chunkSize() throws IOException {
    return Integer.parseInt(line(), 16);
  }

  private String text(int size) throws IOException {
    byte[] bytes = in.readNBytes(size);
    if (bytes.length < size) {
      throw new EOFException("the answer ended after " + bytes.length + " of " + size + " bytes");
    }
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("the connection ended after \"" + line + "\"");
      }
      answering = true;
      if (c != '\r') {
        line.append((char) c);
      }
    }
    return line.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
