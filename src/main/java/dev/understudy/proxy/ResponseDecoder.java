package dev.understudy.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;

/**
 * The decoder of one connection's answers. Used in place of {@code HttpClientCodec} because it can
 * say whether anything is left over, without which a connection can't be used again safely.
 */
final class ResponseDecoder extends HttpResponseDecoder {
  private static final int MAX_LINE = 8 * 1024;
  private static final int MAX_PIECE = 64 * 1024;

  private final Runnable bytesArrived;
  private boolean head;
  private boolean empty;
  private boolean informational;
  private boolean ended;
  private boolean stray;
  private boolean ambiguous;

  /**
   * A decoder for a new connection.
   *
   * @param maxHeaderBytes of an answer's header fields together
   * @param bytesArrived run for each read
   */
  ResponseDecoder(int maxHeaderBytes, Runnable bytesArrived) {
    super(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(MAX_LINE)
            .setMaxHeaderSize(maxHeaderBytes)
            .setMaxChunkSize(MAX_PIECE));
    this.bytesArrived = bytesArrived;
  }

  /** The next answer is to a request with this method (RFC 9112 §6.3, item 1). */
  void expect(HttpMethod method) {
    head = HttpMethod.HEAD.equals(method);
    ended = false;
  }

  /** Whether not a byte came after the last answer, and its length was beyond doubt. */
  boolean isClean() {
    return !ambiguous && !stray && actualReadableBytes() == 0;
  }

  /** Whether the answer whose head came last has no body, whatever its fields say. */
  boolean isEmpty() {
    return empty;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
    stray |= ended && in.isReadable();
    int before = out.size();
    super.decode(ctx, in, out);
    if (out.size() > before && out.get(out.size() - 1) instanceof LastHttpContent) {
      ended = !informational;
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) throws Exception {
    bytesArrived.run();
    super.channelRead(ctx, msg);
  }

  @Override
  protected boolean isContentAlwaysEmpty(HttpMessage message) {
    informational =
        message instanceof HttpResponse response
            && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
    // Netty takes a 101 without Sec-WebSocket-Accept for one with a body, as an early draft had it.
    empty = head || informational || super.isContentAlwaysEmpty(message);
    return empty;
  }

  @Override
  protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
    ambiguous = true;
    super.handleTransferEncodingChunkedWithContentLength(message);
  }
}
