package dev.understudy.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * The head of one request over HTTP/2, encoded once: as the first on a connection, which fills the
 * table of the server's decoder, and as any other (RFC 7541 §2.3.2).
 */
final class RequestHead {
  private static final int FRAME_HEAD = 9;
  private static final int HEADERS = 1;
  private static final int SETTINGS = 4;
  private static final int WINDOW_UPDATE = 8;
  private static final int INITIAL_WINDOW_SIZE = 4;

  /** END_STREAM and END_HEADERS. */
  private static final int WHOLE = 5;

  /** Status 200 in the static table. */
  private static final int OK = 0x88;

  /** The bits of an update of the table's size, which may stand before. */
  private static final int SIZE_UPDATE = 0x20;

  private static final int SIZE_UPDATE_MASK = 0xe0;

  private final byte[] first;
  private final byte[] other;

  private RequestHead(byte[] first, byte[] other) {
    this.first = first;
    this.other = other;
  }

  /** Of the head of an HTTP/1.1 request, which is released. */
  static RequestHead of(ByteBuf http1) {
    String[] lines = http1.toString(StandardCharsets.US_ASCII).split("\r\n");
    http1.release();
    String[] request = lines[0].split(" ");
    Http2Headers headers =
        new DefaultHttp2Headers().method(request[0]).scheme("https").path(request[1]);
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      String name = lines[i].substring(0, colon).toLowerCase(Locale.ROOT);
      String value = lines[i].substring(colon + 1).trim();
      headers.add(name.equals("host") ? ":authority" : name, value);
    }
    DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();
    return new RequestHead(encode(encoder, headers), encode(encoder, headers));
  }

  private static byte[] encode(DefaultHttp2HeadersEncoder encoder, Http2Headers headers) {
    try {
      ByteBuf block = Unpooled.buffer();
      encoder.encodeHeaders(1, headers, block);
      return ByteBufUtil.getBytes(block);
    } catch (Http2Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** The frame that opens a stream; the connection's first has id 1. */
  ByteBuf frame(ByteBufAllocator alloc, int id) {
    byte[] block = id == 1 ? first : other;
    return alloc
        .directBuffer(FRAME_HEAD + block.length)
        .writeMedium(block.length)
        .writeByte(HEADERS)
        .writeByte(WHOLE)
        .writeInt(id)
        .writeBytes(block);
  }

  /** What a client sends first, with windows of so many bytes. */
  static ByteBuf preface(int window) {
    ByteBuf out = Unpooled.buffer().writeBytes(Http2CodecUtil.connectionPrefaceBuf());
    out.writeMedium(6).writeByte(SETTINGS).writeByte(0).writeInt(0);
    out.writeShort(INITIAL_WINDOW_SIZE).writeInt(window);
    return out.writeBytes(windowUpdate(window - Http2CodecUtil.DEFAULT_WINDOW_SIZE));
  }

  /** Opens the connection's window by so many bytes more. */
  static ByteBuf windowUpdate(int bytes) {
    return Unpooled.buffer(FRAME_HEAD + Integer.BYTES)
        .writeMedium(Integer.BYTES)
        .writeByte(WINDOW_UPDATE)
        .writeByte(0)
        .writeInt(0)
        .writeInt(bytes);
  }

  /** Whether the head of a response, whose block begins there, says 200. */
  static boolean isOk(ByteBuf in, int start) {
    int at = start;
    while ((in.getByte(at) & SIZE_UPDATE_MASK) == SIZE_UPDATE) {
      boolean more = (in.getByte(at) & ~SIZE_UPDATE_MASK) == 0x1f;
      at++;
      while (more) {
        more = in.getByte(at) < 0;
        at++;
      }
    }
    return in.getUnsignedByte(at) == OK;
  }
}
