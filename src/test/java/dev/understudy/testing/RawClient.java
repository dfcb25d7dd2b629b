package dev.understudy.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;

/** An HTTP/1 client on a raw socket: it sends and sees exact bytes, and how a connection ends. */
public final class RawClient implements TestClient {
  private static final int TIMEOUT_MILLIS = 120_000;

  private final Socket socket;
  private final InputStream in;
  private final Socket raw;
  private boolean chunked;

  public RawClient(int port) {
    this(port, "127.0.0.1", false);
  }

  /** One that speaks TLS, and trusts anybody. */
  public RawClient(int port, boolean tls) {
    this(port, "127.0.0.1", tls);
  }

  /** One that connects from that address, of 127.0.0.0/8. */
  public RawClient(int port, String from) {
    this(port, from, false);
  }

  /** The same, with or without TLS; trusts anybody. */
  public RawClient(int port, String from, boolean tls) {
    this(port, from, new byte[0], tls ? "localhost" : null, 0);
  }

  private RawClient(int port, String from, byte[] before, String serverName, int receiveBuffer) {
    try {
      raw = new Socket();
      if (receiveBuffer > 0) {
        raw.setReceiveBufferSize(receiveBuffer);
      }
      raw.bind(new InetSocketAddress(InetAddress.getByName(from), 0));
      raw.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      raw.setSoTimeout(TIMEOUT_MILLIS);
      raw.setTcpNoDelay(true);
      raw.getOutputStream().write(before);
      socket = serverName == null ? raw : Trusting.secure(raw, serverName);
      in = new BufferedInputStream(socket.getInputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One on a connection that is secured. */
  RawClient(Socket raw, SSLSocket secured) throws IOException {
    this.raw = raw;
    socket = secured;
    in = new BufferedInputStream(socket.getInputStream());
  }

  /**
   * One that speaks TLS, and trusts anybody.
   *
   * @param before sent before TLS begins, as by a proxy
   */
  public static RawClient secure(int port, byte[] before, String serverName) {
    return new RawClient(port, "127.0.0.1", before, serverName, 0);
  }

  /** One whose kernel keeps 4 KB that it has not read. */
  public static RawClient slow(int port, boolean tls) {
    return new RawClient(port, "127.0.0.1", new byte[0], tls ? "localhost" : null, 4096);
  }

  /**
   * Gives a {@linkplain #slow slow} client the room of others, to read what is left: where its
   * window is smaller than a segment, the other side sends by its timer alone, 2 KB in 200 ms.
   */
  public RawClient readFast() {
    try {
      socket.setReceiveBufferSize(1 << 20);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Socket socket() {
    return socket;
  }

  public InputStream in() {
    return in;
  }

  /** Sends bytes as they are. */
  public RawClient send(String text) {
    return write(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Sends text in ISO 8859-1, each line end as CR LF. */
  public RawClient sendLines(String text) {
    return write(text.replace("\n", "\r\n").getBytes(StandardCharsets.ISO_8859_1));
  }

  @Override
  public RawClient body(byte[] piece) {
    if (chunked) {
      send(Integer.toHexString(piece.length) + "\r\n").write(piece);
      return send("\r\n");
    }
    return write(piece);
  }

  /** Sends bytes as they are. */
  public RawClient write(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      socket.getOutputStream().flush();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public RawClient request(String method, String target, String... fields) {
    return send(method + " " + target + " HTTP/1.1\r\n" + lines(fields) + "\r\n");
  }

  @Override
  public RawClient request(String method, String target, byte[] body, String... fields) {
    return begin(method, target, body.length, fields).write(body);
  }

  @Override
  public RawClient begin(String method, String target, long length, String... fields) {
    chunked = length < 0;
    return send(
        method
            + " "
            + target
            + " HTTP/1.1\r\n"
            + lines(fields)
            + (chunked ? "Transfer-Encoding: chunked" : "Content-Length: " + length)
            + "\r\n\r\n");
  }

  @Override
  public RawClient end(String... trailers) {
    if (chunked) {
      chunked = false;
      send("0\r\n");
      for (String trailer : trailers) {
        send(trailer + "\r\n");
      }
      send("\r\n");
    }
    return this;
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

  @Override
  public Response response(String method) {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    boolean reset = false;
    try {
      if (Http1Input.readHead(in, head)) {
        readBody(method, head.toString(StandardCharsets.ISO_8859_1), body);
      } else {
        reset = true;
      }
    } catch (SocketException | SSLException | EOFException e) {
      reset = true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String text = head.toString(StandardCharsets.ISO_8859_1);
    int status = text.startsWith("HTTP/1.") ? Integer.parseInt(text.substring(9, 12)) : 0;
    return new Response(status, text, body.toString(StandardCharsets.UTF_8), reset);
  }

  private void readBody(String method, String head, ByteArrayOutputStream out) throws IOException {
    Response parsed = new Response(Integer.parseInt(head.substring(9, 12)), head, "", false);
    int status = parsed.status();
    if (method.equals("HEAD") || status < 200 || status == 204 || status == 304) {
      return;
    }
    if (parsed.header("content-length") != null) {
      copy(Long.parseLong(parsed.header("content-length")), out);
    } else if ("chunked".equals(parsed.header("transfer-encoding"))) {
      while (true) {
        long size = Long.parseLong(Http1Input.readLine(in), 16);
        copy(size, out);
        String end = Http1Input.readLine(in);
        if (size == 0) {
          while (!end.isEmpty()) {
            out.write(("[" + end + "]").getBytes(StandardCharsets.UTF_8));
            end = Http1Input.readLine(in);
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
        throw new EOFException("within a body");
      }
      out.write(b);
    }
  }

  @Override
  public void awaitBody(int bytes) {
    in.mark(1 << 16);
    try {
      if (!Http1Input.readHead(in, new ByteArrayOutputStream())
          || in.readNBytes(bytes).length < bytes) {
        throw new AssertionError("the answer ended before");
      }
      in.reset();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void skip(long bytes) {
    try {
      Http1Input.readHead(in, new ByteArrayOutputStream());
      in.skipNBytes(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads until that text has come. */
  public String readUntil(String end) {
    StringBuilder text = new StringBuilder();
    try {
      while (text.indexOf(end) < 0) {
        int b = in.read();
        if (b < 0) {
          throw new EOFException("the end came before '" + end + "': " + text);
        }
        text.append((char) b);
      }
      return text.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads until the connection's orderly end. */
  public String readAll() {
    try {
      return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends lines on a connection of their own, and reads all that comes until the proxy closes. */
  public static String exchange(int port, String request) {
    try (RawClient client = new RawClient(port)) {
      return client.sendLines(request).readAll();
    }
  }

  /** A GET on a connection of its own; fields are {@code Name: value}. */
  public static String get(int port, String target, String... fields) {
    String lines = lines(fields).replace("\r\n", "\n");
    return exchange(port, "GET " + target + " HTTP/1.1\nConnection: close\n" + lines + "\n");
  }

  /** Whether the connection has ended: by FIN or RST. */
  public boolean isEnded() {
    try {
      return in.read() < 0;
    } catch (SocketException | SSLException e) {
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends the output alone: a FIN, over TLS a close_notify. */
  public RawClient endOutput() {
    try {
      socket.shutdownOutput();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void abort() {
    try {
      raw.setSoLinger(true, 0);
      raw.close();
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
}
