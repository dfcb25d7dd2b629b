package dev.understudy.bench.tunnel;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.CharsetUtil;
import java.util.List;

/**
 * One WebSocket client that only listens: it costs the machine as little as can be, and remembers
 * when it was greeted and how it ended.
 */
final class IdleClient extends ByteToMessageDecoder {
  private static final String HANDSHAKE =
      """
      GET /websocket HTTP/1.1\r
      Host: tunnels\r
      Connection: Upgrade\r
      Upgrade: websocket\r
      Sec-WebSocket-Version: 13\r
      Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
      \r
      """;
  private static final ByteBuf END_OF_HEAD =
      Unpooled.unreleasableBuffer(Unpooled.copiedBuffer("\r\n\r\n", CharsetUtil.US_ASCII));
  private static final String SWITCHING = "HTTP/1.1 101 ";

  /** Opcode 8 with FIN (RFC 6455, 5.2). */
  private static final int CLOSE = 0x88;

  /** The servers' frames here are all shorter than 126 bytes and not masked. */
  private static final int FRAME_HEAD = 2;

  private final Crowd crowd;
  private boolean open;
  private boolean ended;

  IdleClient(Crowd crowd) {
    this.crowd = crowd;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    context.writeAndFlush(Unpooled.copiedBuffer(HANDSHAKE, CharsetUtil.US_ASCII));
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    if (!open) {
      readHead(context, in);
    } else {
      readFrame(context, in);
    }
  }

  private void readHead(ChannelHandlerContext context, ByteBuf in) {
    int length = ByteBufUtil.indexOf(END_OF_HEAD, in);
    if (length < 0) {
      return;
    }
    String head = in.readCharSequence(length, CharsetUtil.US_ASCII).toString();
    in.skipBytes(END_OF_HEAD.readableBytes());
    if (!head.startsWith(SWITCHING)) {
      end(Crowd.REFUSED);
      context.close();
      return;
    }
    open = true;
  }

  private void readFrame(ChannelHandlerContext context, ByteBuf in) {
    if (in.readableBytes() < FRAME_HEAD) {
      return;
    }
    int length = in.getUnsignedByte(in.readerIndex() + 1);
    if (in.readableBytes() < FRAME_HEAD + length) {
      return;
    }
    int kind = in.readUnsignedByte();
    in.skipBytes(1);
    if (kind == CLOSE) {
      end(length < Short.BYTES ? Crowd.CUT : in.readUnsignedShort());
      context.close();
    } else {
      crowd.greeted(in.readCharSequence(length, CharsetUtil.US_ASCII).toString());
    }
  }

  private void end(int code) {
    if (!ended) {
      ended = true;
      crowd.ended(code);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    end(open ? Crowd.CUT : Crowd.REFUSED);
    super.channelInactive(context);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    context.close();
  }
}
