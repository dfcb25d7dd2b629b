package dev.understudy.probe;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Lets an answer pass once it begins as HTTP/1 does (RFC 9112 §4). Netty's decoder would wait for
 * the end of a line, take other protocols' status lines, and skip leading blanks.
 */
final class AnswerStart extends ChannelInboundHandlerAdapter {
  private static final byte[] EXPECTED = "HTTP/1.".getBytes(StandardCharsets.US_ASCII);
  private static final int SHOWN_BYTES = 40;

  private final Consumer<String> onGarbage;
  private int matched;

  /**
   * @param onGarbage told once, with what came instead
   */
  AnswerStart(Consumer<String> onGarbage) {
    this.onGarbage = onGarbage;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (matched < 0) {
      ReferenceCountUtil.release(message);
      return;
    }
    ByteBuf data = (ByteBuf) message;
    int first = data.readerIndex();
    int count = Math.min(data.readableBytes(), EXPECTED.length - matched);
    for (int i = 0; i < count; i++) {
      if (data.getByte(first + i) != EXPECTED[matched + i]) {
        refuse(data);
        return;
      }
    }
    matched += count;
    ctx.fireChannelRead(data);
    if (matched == EXPECTED.length && !ctx.isRemoved()) {
      ctx.pipeline().remove(this);
    }
  }

  private void refuse(ByteBuf data) {
    String begin =
        new String(EXPECTED, 0, matched, StandardCharsets.US_ASCII)
            + data.toString(
                data.readerIndex(),
                Math.min(data.readableBytes(), SHOWN_BYTES),
                StandardCharsets.UTF_8);
    data.release();
    matched = -1;
    onGarbage.accept(begin);
  }
}
