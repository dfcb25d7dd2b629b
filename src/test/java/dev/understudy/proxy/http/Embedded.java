package dev.understudy.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What goes into channels without sockets, and what comes out of them. */
public final class Embedded {
  private Embedded() {}

  /** Has a channel read a text in pieces of that size; what it makes of them is taken. */
  public static void read(EmbeddedChannel channel, String raw, int piece, Consumer<Object> taker) {
    byte[] bytes = raw.getBytes(StandardCharsets.ISO_8859_1);
    for (int i = 0; i < bytes.length; i += piece) {
      channel.writeInbound(Unpooled.copiedBuffer(bytes, i, Math.min(piece, bytes.length - i)));
      take(channel, taker);
    }
  }

  /** Takes what a channel has read, and releases it. */
  public static void take(EmbeddedChannel channel, Consumer<Object> taker) {
    for (Object each = channel.readInbound(); each != null; each = channel.readInbound()) {
      taker.accept(each);
      ReferenceCountUtil.release(each);
    }
  }

  /** The pieces that a channel has written. */
  public static List<String> written(EmbeddedChannel channel) {
    List<String> all = new ArrayList<>();
    for (ByteBuf each = channel.readOutbound(); each != null; each = channel.readOutbound()) {
      all.add(each.toString(StandardCharsets.ISO_8859_1));
      each.release();
    }
    return all;
  }
}
