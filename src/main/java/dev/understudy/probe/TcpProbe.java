package dev.understudy.probe;

import dev.understudy.health.Observation;
import dev.understudy.health.ProbeOutcome;
import dev.understudy.pool.Octets;
import dev.understudy.pool.Regex;
import dev.understudy.pool.TcpCheck;
import dev.understudy.pool.TcpStep;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;

/**
 * A probe that connects and takes its steps, each as soon as the one before has held.
 *
 * <p>An expected text is found or not found for sure as HAProxy 2.6 decides it ({@code
 * tcpcheck_eval_expect}): a hit is final at once; a miss once {@code min-bytes} have come, when the
 * connection ends, or when 16 KB have come.
 */
final class TcpProbe extends ByteProbe {
  private final List<TcpStep> steps;
  private int next;
  private boolean ended;

  TcpProbe(Prober.Request request, TcpCheck check, Consumer<Observation.Probe> done) {
    super(request, done);
    this.steps = check.steps();
  }

  @Override
  void ready(ChannelHandlerContext ctx) {
    advance(ctx);
  }

  @Override
  void received(ChannelHandlerContext ctx, ByteBuf bytes) {
    advance(ctx);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    ended = true;
    if (!reported() && received().isReadable()) {
      advance(ctx);
    }
    super.channelInactive(ctx);
  }

  private void advance(ChannelHandlerContext ctx) {
    while (!reported() && next < steps.size()) {
      switch (steps.get(next)) {
        case TcpStep.Send send -> {
          received().clear();
          send(ctx, send.bytes().bytes());
        }
        case TcpStep.Expect expect -> {
          if (!holds(ctx, expect)) {
            return;
          }
        }
      }
      next++;
    }
    if (!reported()) {
      good(ctx, steps.isEmpty() ? "connected" : "responded as expected");
    }
  }

  /** Whether the step holds; if it never will, the probe ends. */
  private boolean holds(ChannelHandlerContext ctx, TcpStep.Expect expect) {
    boolean last = ended || full();
    int length = received().readableBytes();
    if (!last && (length == 0 || length < expect.minBytes())) {
      return false;
    }
    boolean found;
    try {
      found = isFound(expect);
    } catch (BoundedText.TooManyLooks | StackOverflowError e) {
      bad(ctx, expectation(expect) + " needs too many steps on these bytes; write a simpler one");
      return false;
    }
    if (!found && !last && expect.minBytes() == 0) {
      return false;
    }
    if (found == expect.not()) {
      bad(ctx, "received " + shown() + ", expected " + expectation(expect));
      return false;
    }
    return true;
  }

  private boolean isFound(TcpStep.Expect expect) {
    Octets bytes = expect.bytes();
    if (bytes != null) {
      return received().toString(StandardCharsets.ISO_8859_1).contains(bytes.latin1());
    }
    Regex regex = expect.regex();
    return regex != null
        && regex.find(new BoundedText(received().toString(StandardCharsets.UTF_8)));
  }

  private void bad(ChannelHandlerContext ctx, String detail) {
    end(ctx.channel(), ProbeOutcome.BAD_BODY, atStep() + detail);
  }

  private String atStep() {
    return steps.size() == 1 ? "" : "step " + (next + 1) + ": ";
  }

  private String shown() {
    return Details.quoted(received().toString(StandardCharsets.UTF_8));
  }

  private static String expectation(TcpStep.Expect expect) {
    Octets bytes = expect.bytes();
    String what =
        bytes == null
            ? "text-regex " + Details.quoted(String.valueOf(expect.regex()))
            : Details.quoted(new String(bytes.bytes(), StandardCharsets.UTF_8));
    return expect.not() ? "no " + what : what;
  }

  @Override
  String unfinished(Phase phase) {
    if ((phase == Phase.RESPONSE || phase == Phase.BODY)
        && next < steps.size()
        && steps.get(next) instanceof TcpStep.Expect expect) {
      String so = received().isReadable() ? "received " + shown() : "nothing received";
      return atStep() + so + ", expected " + expectation(expect) + ",";
    }
    return super.unfinished(phase);
  }
}
