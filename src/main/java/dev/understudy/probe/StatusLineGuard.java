package dev.understudy.probe;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.function.IntPredicate;

/**
 * Passes a response on if it begins as HTTP/1 does, with a status code of three digits (RFC 9112
 * §4). Netty's decoder would wait for the end of a line, accept the status lines of other
 * protocols, skip leading blanks, and take any number for a code.
 */
final class StatusLineGuard extends ChannelInboundHandlerAdapter {
  private static final String VERSION = "HTTP/1.";

  private static final int CODE_LENGTH = 3;

  /** Characters that are examined; version and code together are never as long. */
  private static final int MAX_START = 64;

  private static final int SHOWN_BYTES = 40;

  private enum Decision {
    GOOD,
    BAD,
    UNDECIDED
  }

  private final Consumer<String> onGarbage;
  private final StringBuilder start = new StringBuilder();
  private boolean refused;

  /**
   * Creates a handler for one response.
   *
   * @param onGarbage called once, with the beginning of a response that is not HTTP/1
   */
  StatusLineGuard(Consumer<String> onGarbage) {
    this.onGarbage = onGarbage;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (refused) {
      ReferenceCountUtil.release(message);
      return;
    }
    ByteBuf data = (ByteBuf) message;
    int before = start.length();
    int count = Math.min(data.readableBytes(), MAX_START - before);
    start.append(data.toString(data.readerIndex(), count, StandardCharsets.ISO_8859_1));
    switch (decision()) {
      case BAD -> refuse(data, before);
      case UNDECIDED -> ctx.fireChannelRead(data);
      case GOOD -> {
        ctx.fireChannelRead(data);
        if (!ctx.isRemoved()) {
          ctx.pipeline().remove(this);
        }
      }
    }
  }

  /** Looks for a version, blanks and a code up to its end. */
  private Decision decision() {
    for (int i = 0; i < VERSION.length(); i++) {
      if (i == start.length()) {
        return Decision.UNDECIDED;
      }
      if (start.charAt(i) != VERSION.charAt(i)) {
        return Decision.BAD;
      }
    }
    int code = endOf(each -> each == ' ', endOf(StatusLineGuard::isText, VERSION.length()));
    int end = endOf(StatusLineGuard::isText, code);
    if (end == start.length()) {
      return end < MAX_START ? Decision.UNDECIDED : Decision.BAD;
    }
    return isCode(code, end) ? Decision.GOOD : Decision.BAD;
  }

  /** The first position from {@code from} on whose character is not of that kind. */
  private int endOf(IntPredicate kind, int from) {
    int at = from;
    while (at < start.length() && kind.test(start.charAt(at))) {
      at++;
    }
    return at;
  }

  private static boolean isText(int character) {
    return character > ' ';
  }

  private boolean isCode(int from, int to) {
    if (to - from != CODE_LENGTH || start.charAt(from) == '0') {
      return false;
    }
    return endOf(each -> each >= '0' && each <= '9', from) == to;
  }

  /**
   * Releases {@code data} and reports the bytes.
   *
   * @param before number of the start's characters that came with earlier reads
   */
  private void refuse(ByteBuf data, int before) {
    String begin =
        start.substring(0, before)
            + data.toString(
                data.readerIndex(),
                Math.min(data.readableBytes(), SHOWN_BYTES),
                StandardCharsets.UTF_8);
    data.release();
    refused = true;
    onGarbage.accept(begin);
  }
}
