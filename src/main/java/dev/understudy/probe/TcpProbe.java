package dev.understudy.probe;

import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import io.netty.channel.ChannelHandlerContext;
import java.util.function.Consumer;

/** A probe that succeeds as soon as the connection is established. */
final class TcpProbe extends ProbeRun {
  TcpProbe(Prober.Request request, Consumer<Observation.Probe> done) {
    super(request, done);
  }

  @Override
  void ready(ChannelHandlerContext ctx) {
    end(ctx.channel(), ProbeOutcome.OK, "connected");
  }
}
