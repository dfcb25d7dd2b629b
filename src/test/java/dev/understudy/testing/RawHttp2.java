package dev.understudy.testing;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLSocket;

/**
 * HTTP/2 on a socket, frame by frame and without manners: nothing is acknowledged, no window kept
 * or opened, but what a test writes. Writes are safe for any thread; one thread reads.
 */
public final class RawHttp2 implements AutoCloseable {
  public static final int DATA = 0;
  public static final int HEADERS = 1;
  public static final int RST_STREAM = 3;
  public static final int SETTINGS = 4;
  public static final int PING = 6;
  public static final int GOAWAY = 7;
  public static final int WINDOW_UPDATE = 8;
  public static final int CONTINUATION = 9;

  /** END_STREAM, or ACK of SETTINGS and PING. */
  public static final int END_STREAM = 1;

  public static final int ACK = 1;
  public static final int END_HEADERS = 4;
  public static final int PADDED = 8;

  public static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int TIMEOUT_MILLIS = 120_000;

  /**
   * One frame (RFC 9113 §4.1).
   *
   * @param fields of HEADERS; null: it is another frame
   */
  public record Frame(int type, int flags, int stream, byte[] payload, Http2Headers fields) {
    public boolean is(int flag) {
      return (flags & flag) != 0;
    }

    /** The number with which the payload begins, or that is at that byte of it. */
    public long number(int at) {
      return ByteBuffer.wrap(payload).getInt(at) & 0xffff_ffffL;
    }
  }

  private final Socket raw;
  private final Socket socket;
  private final DataInputStream in;
  private final String scheme;
  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);

  private RawHttp2(Socket raw, Socket socket) throws IOException {
    this.raw = raw;
    this.socket = socket;
    scheme = socket instanceof SSLSocket ? "https" : "http";
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
  }

  /** To that port of this machine; settings are still to be sent. */
  public static RawHttp2 connect(int port) {
    return connect(port, new byte[0], "localhost", 0);
  }

  /**
   * To that port of this machine.
   *
   * @param before sent before TLS begins, as by a proxy
   * @param receiveBuffer bytes; 0: as usual
   */
  public static RawHttp2 connect(int port, byte[] before, String serverName, int receiveBuffer) {
    try {
      Socket raw = open(port, receiveBuffer);
      raw.getOutputStream().write(before);
      return over(raw, Trusting.secure(raw, serverName, "h2"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * To that port of this machine without TLS.
   *
   * @param pieces what is sent at first instead of the preface, each by itself
   */
  public static RawHttp2 clear(int port, byte[]... pieces) throws IOException {
    Socket raw = open(port, 0);
    for (byte[] piece : pieces.length == 0 ? new byte[][] {PREFACE} : pieces) {
      raw.getOutputStream().write(piece);
    }
    return new RawHttp2(raw, raw);
  }

  private static Socket open(int port, int receiveBuffer) throws IOException {
    Socket raw = new Socket();
    if (receiveBuffer > 0) {
      raw.setReceiveBufferSize(receiveBuffer);
    }
    raw.setSoTimeout(TIMEOUT_MILLIS);
    raw.setTcpNoDelay(true);
    raw.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    return raw;
  }

  /** On a connection whose TLS has chosen HTTP/2; settings are still to be sent. */
  public static RawHttp2 over(SSLSocket secured) throws IOException {
    return over(secured, secured);
  }

  private static RawHttp2 over(Socket raw, SSLSocket secured) throws IOException {
    RawHttp2 opened = new RawHttp2(raw, secured);
    secured.getOutputStream().write(PREFACE);
    return opened;
  }

  public int localPort() {
    return raw.getLocalPort();
  }

  /** Of TLS. */
  public javax.net.ssl.SSLSession session() {
    return ((SSLSocket) socket).getSession();
  }

  /** Sends settings: numbers and values by turns. */
  public RawHttp2 settings(int... settings) throws IOException {
    ByteBuffer payload = ByteBuffer.allocate(settings.length / 2 * 6);
    for (int i = 0; i < settings.length; i += 2) {
      payload.putShort((short) settings[i]).putInt(settings[i + 1]);
    }
    return frame(SETTINGS, 0, 0, payload.array());
  }

  /** Sends one frame. */
  public RawHttp2 frame(int type, int flags, int stream, byte[] payload) throws IOException {
    return bytes(encode(type, flags, stream, payload));
  }

  /** One frame's bytes. */
  public static byte[] encode(int type, int flags, int stream, byte[] payload) {
    ByteBuffer bytes = ByteBuffer.allocate(9 + payload.length);
    bytes.put((byte) (payload.length >> 16)).putShort((short) payload.length);
    return bytes.put((byte) type).put((byte) flags).putInt(stream).put(payload).array();
  }

  /** Sends bytes as they are. */
  public synchronized RawHttp2 bytes(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    return this;
  }

  /** Sends bytes past TLS. */
  public RawHttp2 outsideTls(byte[] bytes) throws IOException {
    raw.getOutputStream().write(bytes);
    return this;
  }

  /** Sends a head in one frame. */
  public RawHttp2 head(int stream, boolean end, String... fields) throws IOException {
    return frame(HEADERS, END_HEADERS | (end ? END_STREAM : 0), stream, block(fields));
  }

  /** A request without a body. */
  public RawHttp2 get(int stream, String path, String... fields) throws IOException {
    return request("GET", stream, path, fields);
  }

  /** The head of a request with a body, which is still to be sent. */
  public RawHttp2 post(int stream, String path, String... fields) throws IOException {
    return request("POST", stream, path, fields);
  }

  private RawHttp2 request(String method, int stream, String path, String... fields)
      throws IOException {
    List<String> all =
        new ArrayList<>(
            List.of(
                ":method: " + method,
                ":scheme: " + scheme,
                ":authority: h.test",
                ":path: " + path));
    all.addAll(List.of(fields));
    return head(stream, method.equals("GET"), all.toArray(String[]::new));
  }

  public RawHttp2 reset(int stream, int code) throws IOException {
    return frame(RST_STREAM, 0, stream, number(code));
  }

  /** Opens the window of a stream, or with 0 that of the connection. */
  public RawHttp2 window(int stream, int more) throws IOException {
    return frame(WINDOW_UPDATE, 0, stream, number(more));
  }

  private static byte[] number(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }

  /** Fields as HPACK has them, without reference to others. */
  public static byte[] block(String... fields) {
    Http2Headers headers = new DefaultHttp2Headers(false);
    for (String field : fields) {
      int colon = field.indexOf(':', 1);
      String value = field.substring(colon + 1);
      // Other spaces are a row's.
      headers.add(field.substring(0, colon), value.startsWith(" ") ? value.substring(1) : value);
    }
    ByteBuf out = Unpooled.buffer();
    try {
      DefaultHttp2HeadersEncoder encoder =
          new DefaultHttp2HeadersEncoder(Http2HeadersEncoder.NEVER_SENSITIVE);
      encoder.configuration().maxHeaderTableSize(0);
      encoder.encodeHeaders(1, headers, out);
    } catch (Http2Exception e) {
      throw new AssertionError(e);
    }
    byte[] block = new byte[out.readableBytes()];
    out.readBytes(block);
    return block;
  }

  /**
   * The next frame.
   *
   * @throws EOFException if the server has closed the connection
   */
  public Frame read() throws IOException {
    int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
    int type = in.readUnsignedByte();
    int flags = in.readUnsignedByte();
    int stream = in.readInt() & 0x7fff_ffff;
    byte[] payload = new byte[length];
    in.readFully(payload);
    return new Frame(type, flags, stream, payload, type == HEADERS ? decode(flags, payload) : null);
  }

  /** The next frame of that type; others are dropped. */
  public Frame read(int type) throws IOException {
    Frame frame = read();
    while (frame.type() != type) {
      frame = read();
    }
    return frame;
  }

  /** The next frame of that type and stream; others are dropped. */
  public Frame read(int type, int stream) throws IOException {
    Frame frame = read(type);
    while (frame.stream() != stream) {
      frame = read(type);
    }
    return frame;
  }

  /** Of every head that comes, since each refers to those before it. */
  private Http2Headers decode(int flags, byte[] block) throws IOException {
    if ((flags & (END_HEADERS | PADDED)) != END_HEADERS) {
      throw new IOException("no server here sends such heads");
    }
    try {
      return decoder.decodeHeaders(1, Unpooled.wrappedBuffer(block));
    } catch (Http2Exception e) {
      throw new IOException(e);
    }
  }

  /** Everything up to the connection's end, also if it is a reset. */
  public List<Frame> rest() throws IOException {
    List<Frame> frames = new ArrayList<>();
    try {
      while (true) {
        frames.add(read());
      }
    } catch (java.net.SocketTimeoutException e) {
      throw e;
    } catch (IOException e) {
      return frames;
    }
  }

  /** Breaks the connection off: TCP is reset. */
  public void breakOff() throws IOException {
    if (!raw.isClosed()) {
      raw.setSoLinger(true, 0);
      raw.close();
    }
  }

  @Override
  public void close() {
    try {
      raw.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
