package dev.understudy.probe;

import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.text.Printable;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** A probe that sends and receives bytes of a protocol other than HTTP. */
abstract class ByteProbe extends ProbeRun {
  /** Bytes of a connection that are kept, as many as HAProxy's {@code tune.bufsize} by default. */
  static final int MAX_BYTES = 16 * 1024;

  private static final int MAX_TEXT = 150;

  /** On the heap and never shared, so it needs no release. */
  private final ByteBuf received = Unpooled.buffer(512, MAX_BYTES);

  ByteProbe(Prober.Request request, Consumer<Observation.Probe> done) {
    super(request, done);
  }

  /**
   * Called when bytes came.
   *
   * @param bytes all bytes that were not consumed; to be read as far as they are understood
   */
  abstract void received(ChannelHandlerContext ctx, ByteBuf bytes);

  @Override
  public final void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      if (!reported() && message instanceof ByteBuf data) {
        received.discardReadBytes();
        received.writeBytes(data, Math.min(data.readableBytes(), received.maxWritableBytes()));
        enter(Phase.BODY);
        received(ctx, received);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  /** Whether no more bytes can be kept. */
  final boolean full() {
    return received.readableBytes() == MAX_BYTES;
  }

  /** The bytes received and not consumed. */
  final ByteBuf received() {
    return received;
  }

  final void send(ChannelHandlerContext ctx, byte[] bytes) {
    send(ctx, Unpooled.wrappedBuffer(bytes));
  }

  /** Reports that the server is good and ends the connection by a reset. */
  final void good(ChannelHandlerContext ctx, String detail) {
    end(ctx.channel(), ProbeOutcome.OK, detail);
  }

  /** Reports what the server says of itself. */
  final void serverError(ChannelHandlerContext ctx, String message) {
    String text = Printable.escapedAndCut(message.strip(), MAX_TEXT).replace("\\\"", "\"");
    leave(ctx, new ProbeResult(ProbeOutcome.BAD_STATUS, "the server says: " + text), new byte[0]);
  }

  /** Reports why the probe does not log in. */
  final void loginFailed(ChannelHandlerContext ctx, LoginException why) {
    String detail = Details.bounded("login: " + why.getMessage());
    leave(ctx, new ProbeResult(ProbeOutcome.BAD_STATUS, detail), new byte[0]);
  }

  /** Reports that the bytes are not the protocol's. */
  final void malformed(ChannelHandlerContext ctx, String protocol) {
    String begin = received.toString(StandardCharsets.UTF_8);
    end(
        ctx.channel(),
        ProbeOutcome.BAD_RESPONSE,
        "no " + protocol + " response, it begins with " + Details.quoted(begin));
  }

  /**
   * Reports the verdict, says goodbye, and leaves it to the server to close the connection, within
   * the probe's time-out: a reset would be an error in the log of a database.
   */
  final void leave(ChannelHandlerContext ctx, ProbeResult verdict, byte[] goodbye) {
    report(verdict);
    ctx.writeAndFlush(Unpooled.wrappedBuffer(goodbye))
        .addListener(
            (ChannelFutureListener)
                sent -> {
                  if (ctx.channel() instanceof DuplexChannel channel && sent.isSuccess()) {
                    var unused = channel.shutdownOutput();
                  } else {
                    close(ctx.channel());
                  }
                });
  }
}
