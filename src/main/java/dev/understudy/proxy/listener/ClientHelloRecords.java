package dev.understudy.proxy.listener;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.AbstractSniHandler;

/**
 * Closes a connection that begins with TLS records other than those of a ClientHello: empty ones,
 * which a client must not send (RFC 8446 §5.1), alerts, changes of the cipher, or data. Netty's SNI
 * handler (empty records up to 4.2.18, alerts in 4.2.20 too) takes such a client for one without a
 * server name, while BoringSSL reads past some of these records and finds the name: the client
 * would be asked for the certificate of another name than the one that its requests are for.
 *
 * <p>All bytes are passed on as they come. It removes itself at the end of the ClientHello, or if
 * the first byte is not TLS at all, which Netty refuses.
 */
final class ClientHelloRecords extends ChannelInboundHandlerAdapter {
  private static final int CHANGE_CIPHER_SPEC = 20;
  private static final int HANDSHAKE = 22;
  private static final int LAST_TYPE = 24;
  private static final int RECORD_HEAD = 5;
  private static final int MESSAGE_HEAD = 4;

  /** The head of the present record, as far as it is here, and how many of its bytes that are. */
  private long head;

  private int headBytes;

  /** The bytes of the present record's content still to come. */
  private int content;

  /** The head of the message, as far as it is here, and how many bytes of the message were seen. */
  private int message;

  private int seen;

  private enum Verdict {
    OPEN,
    WHOLE,
    REFUSED
  }

  private ClientHelloRecords() {}

  /** Adds one before the handler that looks for the server name; does nothing without one. */
  static void addBefore(ChannelPipeline pipeline) {
    ChannelHandlerContext names = pipeline.context(AbstractSniHandler.class);
    if (names != null) {
      pipeline.addBefore(names.name(), null, new ClientHelloRecords());
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    Verdict verdict = msg instanceof ByteBuf in ? follow(in) : Verdict.WHOLE;
    if (verdict == Verdict.REFUSED) {
      ((ByteBuf) msg).release();
      var unused = ctx.close();
      return;
    }
    ctx.fireChannelRead(msg);
    if (verdict == Verdict.WHOLE && !ctx.isRemoved()) {
      ctx.pipeline().remove(this);
    }
  }

  private Verdict follow(ByteBuf in) {
    for (int at = in.readerIndex(); at < in.writerIndex(); ) {
      if (content > 0) {
        int piece = Math.min(content, in.writerIndex() - at);
        if (isWhole(in, at, piece)) {
          return Verdict.WHOLE;
        }
        content -= piece;
        at += piece;
        continue;
      }
      head = head << 8 | in.getUnsignedByte(at++);
      headBytes++;
      if (headBytes == 1 && (head < CHANGE_CIPHER_SPEC || head > LAST_TYPE)) {
        return seen == 0 ? Verdict.WHOLE : Verdict.REFUSED;
      }
      if (headBytes == RECORD_HEAD) {
        content = (int) (head & 0xffff);
        if (head >>> 32 != HANDSHAKE || content == 0) {
          return Verdict.REFUSED;
        }
        head = 0;
        headBytes = 0;
      }
    }
    return Verdict.OPEN;
  }

  /** Counts bytes of the message. Returns whether it is whole. */
  private boolean isWhole(ByteBuf in, int from, int count) {
    for (int i = 0; i < count && seen + i < MESSAGE_HEAD; i++) {
      message = message << 8 | in.getUnsignedByte(from + i);
    }
    seen += count;
    return seen >= MESSAGE_HEAD && seen - MESSAGE_HEAD >= (message & 0xffffff);
  }
}
