package dev.understudy.probe;

import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.AgentCheck;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Asks an agent: the detail of a good outcome is its reply, the first line or all up to the
 * connection's end, at most 200 characters.
 */
final class AgentProbe extends ByteProbe {
  private final AgentCheck check;

  AgentProbe(Prober.Request request, AgentCheck check, Consumer<Observation.Probe> done) {
    super(request, done);
    this.check = check;
  }

  @Override
  void ready(ChannelHandlerContext ctx) {
    String send = check.send();
    if (send != null) {
      send(ctx, send.getBytes(StandardCharsets.UTF_8));
    }
  }

  @Override
  void received(ChannelHandlerContext ctx, ByteBuf bytes) {
    int end = bytes.forEachByte(each -> each != '\n' && each != '\r' && each != 0);
    if (end >= 0 || bytes.readableBytes() >= Details.MAX) {
      int length = end < 0 ? bytes.readableBytes() : end - bytes.readerIndex();
      good(ctx, line(bytes, length));
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (!reported() && received().isReadable()) {
      report(new ProbeResult(ProbeOutcome.OK, line(received(), received().readableBytes())));
    }
    super.channelInactive(ctx);
  }

  private static String line(ByteBuf bytes, int length) {
    return bytes.toString(
        bytes.readerIndex(), Math.min(length, Details.MAX), StandardCharsets.UTF_8);
  }
}
