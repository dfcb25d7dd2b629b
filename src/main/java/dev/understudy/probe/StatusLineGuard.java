package dev.understudy.probe;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Passes a response on if it begins as HTTP/1 does, with a status code of three digits (RFC 9112
 * §4). Netty's decoder would wait for the end of a line, accept the status lines of other
 * protocols, skip leading blanks, and take any number for a code.
 */
final class StatusLineGuard extends ChannelInboundHandlerAdapter {
  /** A version, blanks and a code up to its end. */
  private static final Pattern BEGIN =
      Pattern.compile("HTTP/1\\.[^\\x00-\\x20]*+ *+([^\\x00-\\x20]*+)[\\x00-\\x20]");

  private static final String CODE = "[1-9][0-9]{2}";

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

  @SuppressWarnings("JdkObsolete") // More bytes may come: what hitEnd() is for.
  private Decision decision() {
    Matcher begin = BEGIN.matcher(start);
    if (begin.lookingAt()) {
      return begin.group(1).matches(CODE) ? Decision.GOOD : Decision.BAD;
    }
    return begin.hitEnd() && start.length() < MAX_START ? Decision.UNDECIDED : Decision.BAD;
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
