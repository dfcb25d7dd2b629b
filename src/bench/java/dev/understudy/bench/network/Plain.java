package dev.understudy.bench.network;

import dev.understudy.testing.Trusting;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A client on a socket: HTTP/1.1, WebSocket or plain TCP, with or without TLS. */
final class Plain implements AutoCloseable {
  /** After which a transfer counts as stalled. */
  static final int PATIENCE_MILLIS = 10_000;

  private static final int TEXT = 0x81;
  private static final int BINARY = 0x82;
  private static final int MASKED = 0x80;
  private static final int TWO_BYTES = 126;
  private static final int EIGHT_BYTES = 127;
  private static final int MASK_BYTES = 4;

  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;
  private final byte[] piece = new byte[Sizes.PIECE];

  private Plain(Socket socket) throws IOException {
    this.socket = socket;
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), Sizes.PIECE));
    out = socket.getOutputStream();
  }

  static Plain connect(int port) throws IOException {
    return new Plain(socket(port));
  }

  /** Over TLS 1.3, whose handshake is done. */
  static Plain secure(int port) throws IOException {
    return new Plain(Trusting.secure(socket(port), "localhost"));
  }

  private static Socket socket(int port) throws IOException {
    Socket socket = new Socket();
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    return socket;
  }

  /** Sends a request without a body. */
  void get(String path) throws IOException {
    out.write(ascii("GET " + path + " HTTP/1.1\r\nHost: bench.example\r\n\r\n"));
  }

  /** Reads a response's head and its body. */
  void response() throws IOException {
    skip(responseLength());
  }

  /** Reads a response's head: the length of its body. */
  int responseLength() throws IOException {
    String status = line();
    if (!status.contains(" 200 ") && !status.contains(" 101 ")) {
      throw new IOException(status);
    }
    int length = 0;
    for (String line = line(); !line.isEmpty(); line = line()) {
      if (line.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:")) {
        length = Integer.parseInt(line.substring(line.indexOf(':') + 1).trim());
      }
    }
    return length;
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = in.readUnsignedByte(); b != '\n'; b = in.readUnsignedByte()) {
      if (b != '\r') {
        line.append((char) b);
      }
    }
    return line.toString();
  }

  /** Sends a request with a large body. */
  void post(String path) throws IOException {
    out.write(
        ascii(
            "POST "
                + path
                + " HTTP/1.1\r\nHost: bench.example\r\nContent-Length: "
                + Sizes.LARGE
                + "\r\n\r\n"));
    bulk();
  }

  /** Opens a WebSocket. */
  void upgrade(String path) throws IOException {
    out.write(
        ascii(
            "GET "
                + path
                + " HTTP/1.1\r\n"
                + "Host: bench.example\r\n"
                + "Connection: Upgrade\r\n"
                + "Upgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
    response();
  }

  /** Sends a text message. */
  void message(String text) throws IOException {
    byte[] frame = new byte[2 + MASK_BYTES + text.length()];
    frame[0] = (byte) TEXT;
    frame[1] = (byte) (MASKED | text.length());
    System.arraycopy(ascii(text), 0, frame, 2 + MASK_BYTES, text.length());
    out.write(frame);
  }

  /** Sends large bulk as messages of a piece each. */
  void messages() throws IOException {
    byte[] frame = new byte[2 + Long.BYTES + MASK_BYTES + Sizes.PIECE];
    frame[0] = (byte) BINARY;
    frame[1] = (byte) (MASKED | EIGHT_BYTES);
    for (int left = Sizes.LARGE; left > 0; left -= Sizes.PIECE) {
      int length = Math.min(left, Sizes.PIECE);
      java.nio.ByteBuffer.wrap(frame).putLong(2, length);
      out.write(frame, 0, frame.length - Sizes.PIECE + length);
    }
  }

  /** Reads messages of so many bytes in total. */
  void awaitMessages(int bytes) throws IOException {
    for (int left = bytes; left > 0; ) {
      in.readByte();
      int length = in.readByte() & 0x7f;
      if (length == TWO_BYTES) {
        length = in.readUnsignedShort();
      } else if (length == EIGHT_BYTES) {
        length = (int) in.readLong();
      }
      skip(length);
      left -= length;
    }
  }

  /** Sends large bulk. */
  void bulk() throws IOException {
    for (int left = Sizes.LARGE; left > 0; left -= piece.length) {
      out.write(piece, 0, Math.min(left, piece.length));
    }
  }

  void send(String text) throws IOException {
    out.write(ascii(text));
  }

  /** Reads so many bytes. */
  void skip(int bytes) throws IOException {
    for (int left = bytes; left > 0; ) {
      int read = in.read(piece, 0, Math.min(left, piece.length));
      if (read < 0) {
        throw new IOException("the end came before");
      }
      left -= read;
    }
  }

  /** Reads so many bytes, never more of them each second than that. */
  void skipAt(double perSecond, int bytes) throws IOException, InterruptedException {
    long start = System.nanoTime();
    InputStream from = in;
    for (int done = 0; done < bytes; ) {
      long due = start + (long) (done / perSecond * 1e9);
      java.util.concurrent.TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
      int read = from.read(piece, 0, Math.min(bytes - done, 16 * 1024));
      if (read < 0) {
        throw new IOException("the end came before");
      }
      done += read;
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
