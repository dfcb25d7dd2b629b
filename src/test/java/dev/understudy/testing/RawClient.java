package dev.understudy.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** An HTTP/1 client on a raw socket: it sees exactly what comes, and how a connection ends. */
public final class RawClient implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 30_000;

  private final Socket socket;
  private final InputStream in;

  public RawClient(int port) {
    this(port, "127.0.0.1");
  }

  /** One that connects from that address, of 127.0.0.0/8. */
  public RawClient(int port, String from) {
    try {
      InetAddress source = InetAddress.getByName(from);
      socket = new Socket(InetAddress.getLoopbackAddress(), port, source, 0);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.setTcpNoDelay(true);
      in = new BufferedInputStream(socket.getInputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * An answer.
   *
   * @param reset whether the connection broke before its end
   */
  public record Answer(int status, String head, String body, boolean reset) {
    public List<String> headers(String field) {
      List<String> values = new ArrayList<>();
      for (String line : head.split("\r\n")) {
        int colon = line.indexOf(':');
        if (colon > 0 && line.substring(0, colon).equalsIgnoreCase(field)) {
          values.add(line.substring(colon + 1).trim());
        }
      }
      return values;
    }

    public String header(String field) {
      List<String> values = headers(field);
      return values.isEmpty() ? null : values.get(0);
    }
  }

  public Socket socket() {
    return socket;
  }

  public InputStream in() {
    return in;
  }

  /** Sends bytes as they are. */
  public RawClient send(String raw) {
    try {
      socket.getOutputStream().write(raw.getBytes(StandardCharsets.UTF_8));
      socket.getOutputStream().flush();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends a request without a body. */
  public RawClient request(String method, String target, String... fields) {
    return send(method + " " + target + " HTTP/1.1\r\n" + lines(fields) + "\r\n");
  }

  /** Sends a request with a body of known length. */
  public RawClient request(String method, String target, byte[] body, String... fields) {
    return send(
        method
            + " "
            + target
            + " HTTP/1.1\r\n"
            + lines(fields)
            + "Content-Length: "
            + body.length
            + "\r\n\r\n"
            + new String(body, StandardCharsets.UTF_8));
  }

  private static String lines(String... fields) {
    StringBuilder lines = new StringBuilder();
    boolean host = false;
    for (String field : fields) {
      lines.append(field).append("\r\n");
      host |= field.toLowerCase(Locale.ROOT).startsWith("host:");
    }
    return host ? lines.toString() : "Host: example.test\r\n" + lines;
  }

  /** Sends a GET and reads its answer. */
  public Answer get(String target, String... fields) {
    return request("GET", target, fields).answer();
  }

  public Answer answer() {
    return answer("GET");
  }

  /** Reads one answer to a request with that method; 1xx are answers of their own. */
  public Answer answer(String method) {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    boolean reset = false;
    try {
      if (readHead(head)) {
        readBody(method, head.toString(StandardCharsets.ISO_8859_1), body);
      } else {
        reset = true;
      }
    } catch (SocketException | TruncatedException e) {
      reset = true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String text = head.toString(StandardCharsets.ISO_8859_1);
    int status = text.startsWith("HTTP/1.") ? Integer.parseInt(text.substring(9, 12)) : 0;
    return new Answer(status, text, body.toString(StandardCharsets.UTF_8), reset);
  }

  private boolean readHead(ByteArrayOutputStream out) throws IOException {
    int matched = 0;
    while (matched < 4) {
      int b = in.read();
      if (b < 0) {
        return false;
      }
      out.write(b);
      matched = b == "\r\n\r\n".charAt(matched) ? matched + 1 : b == '\r' ? 1 : 0;
    }
    return true;
  }

  private void readBody(String method, String head, ByteArrayOutputStream out) throws IOException {
    Answer parsed = new Answer(Integer.parseInt(head.substring(9, 12)), head, "", false);
    int status = parsed.status();
    if (method.equals("HEAD") || status < 200 || status == 204 || status == 304) {
      return;
    }
    if (parsed.header("content-length") != null) {
      copy(Long.parseLong(parsed.header("content-length")), out);
    } else if ("chunked".equals(parsed.header("transfer-encoding"))) {
      while (true) {
        long size = Long.parseLong(readLine(), 16);
        copy(size, out);
        String end = readLine();
        if (size == 0) {
          while (!end.isEmpty()) {
            out.write(("[" + end + "]").getBytes(StandardCharsets.UTF_8));
            end = readLine();
          }
          return;
        }
      }
    } else {
      in.transferTo(out);
    }
  }

  private void copy(long count, ByteArrayOutputStream out) throws IOException {
    for (long i = 0; i < count; i++) {
      int b = in.read();
      if (b < 0) {
        throw new TruncatedException();
      }
      out.write(b);
    }
  }

  private String readLine() throws IOException {
    StringBuilder line = new StringBuilder();
    while (true) {
      int b = in.read();
      if (b < 0) {
        throw new TruncatedException();
      }
      if (b == '\n') {
        return line.toString();
      }
      if (b != '\r') {
        line.append((char) b);
      }
    }
  }

  /** Whether the connection has ended: by FIN or RST. */
  public boolean isEnded() {
    try {
      return in.read() < 0;
    } catch (SocketException e) {
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class TruncatedException extends IOException {}
}
