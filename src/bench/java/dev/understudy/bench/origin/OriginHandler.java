package dev.understudy.bench.origin;

import dev.understudy.bench.wire.Head;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * One connection: {@code /1k}, {@code /64k}, {@code /status}; any POST is told the length of its
 * body; any WebSocket is echoed.
 */
final class OriginHandler extends ByteToMessageDecoder {
  private static final byte[] SMALL = ascii("GET /1k ");
  private static final byte[] LARGE = ascii("GET /64k ");
  private static final byte[] STATUS = ascii("GET /status ");
  private static final byte[] POST = ascii("POST ");

  private final Head head = new Head();

  /** Bytes left of the body being read; 0 between requests. */
  private long remaining;

  private boolean closes;

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    if (remaining == 0) {
      if (head.read(in)) {
        begin(ctx, in);
      }
      return;
    }
    int part = (int) Math.min(remaining, in.readableBytes());
    in.skipBytes(part);
    remaining -= part;
    if (remaining == 0) {
      respond(ctx, Responses.length(head.contentLength()));
    }
  }

  private void begin(ChannelHandlerContext ctx, ByteBuf in) {
    closes = head.closes(in);
    if (head.begins(in, SMALL)) {
      if (head.upgrade()) {
        upgrade(ctx);
      } else {
        respond(ctx, Responses.SMALL.retainedDuplicate());
      }
    } else if (head.begins(in, LARGE)) {
      respond(ctx, Responses.LARGE.retainedDuplicate());
    } else if (head.begins(in, STATUS)) {
      respond(ctx, Responses.STATUS.retainedDuplicate());
    } else if (head.begins(in, POST)) {
      post(ctx);
    } else {
      closes = true;
      respond(ctx, Responses.NOT_FOUND.retainedDuplicate());
    }
  }

  private void post(ChannelHandlerContext ctx) {
    if (head.chunked()) {
      closes = true;
      respond(ctx, Responses.NO_LENGTH.retainedDuplicate());
    } else {
      remaining = Math.max(0, head.contentLength());
      if (remaining == 0) {
        respond(ctx, Responses.length(0));
      }
    }
  }

  private void upgrade(ChannelHandlerContext ctx) {
    ctx.write(Responses.switchingProtocols(head.webSocketKey()));
    ctx.pipeline().replace(this, null, new EchoHandler());
  }

  private void respond(ChannelHandlerContext ctx, ByteBuf response) {
    if (closes) {
      ctx.write(response).addListener(ChannelFutureListener.CLOSE);
    } else {
      ctx.write(response, ctx.voidPromise());
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    ctx.flush();
    super.channelReadComplete(ctx);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
