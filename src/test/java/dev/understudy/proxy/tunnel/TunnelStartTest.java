package dev.understudy.proxy.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.session.Stickiness;
import dev.understudy.testing.Recorder;
import dev.understudy.testing.Rows;
import dev.understudy.traffic.RequestEnd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Tunnels between channels that have already lived a little. */
class TunnelStartTest {
  private final TunnelSnapshots snapshots = new TunnelSnapshots();
  private final Recorder reports = new Recorder();
  private final Tunnels tunnels =
      new Tunnels(snapshots, reports, bound -> 0, Tunnels.PHASE_TIMEOUT);
  private final List<RequestEnd> ends = new ArrayList<>();

  @Test
  void bytes_that_came_with_the_handshakes_response_are_relayed_first() {
    EmbeddedChannel client = new EmbeddedChannel();
    EmbeddedChannel server = new EmbeddedChannel();
    server.config().setAutoRead(false);
    server.pipeline().addLast(new Kept("81026869"));
    open(client, server);
    server.writeInbound(bytes("8100"));
    assertThat(written(client)).isEqualTo("81026869" + "8100");
    end(client, server);
  }

  @Rows(
      """
      # the client of a server that is gone already gets a close frame
      false | true  | 880203f4 | TUNNEL_BROKEN
      # a client that is gone already has its server's side closed
      true  | false |          | TUNNEL_CLOSED
      # two channels that are gone already make a tunnel that has ended
      true  | true  |          |
      """)
  void sides_that_are_gone_already(
      boolean clientGone, boolean serverGone, @Nullable String frame, @Nullable RequestEnd end) {
    EmbeddedChannel client = new EmbeddedChannel();
    EmbeddedChannel server = new EmbeddedChannel();
    if (clientGone) {
      client.close();
    }
    if (serverGone) {
      server.close();
    }
    open(client, server);
    if (frame != null) {
      assertThat(written(client)).startsWith(frame);
      assertThat(ends).isEmpty();
    }
    assertThat(server.isActive()).isFalse();
    end(client, server);
    if (end != null) {
      assertThat(ends).containsExactly(end);
    }
  }

  private void open(EmbeddedChannel client, EmbeddedChannel server) {
    client.config().setAutoRead(false);
    server.config().setAutoRead(false);
    tunnels.open(
        client,
        server,
        snapshots.selected(Stickiness.NONE),
        true,
        (reason, in, out) -> ends.add(reason));
    client.runPendingTasks();
    server.runPendingTasks();
  }

  private void end(EmbeddedChannel client, EmbeddedChannel server) {
    client.finishAndReleaseAll();
    server.finishAndReleaseAll();
    assertThat(ends).hasSize(1);
    assertThat(snapshots.masterTraffic.tunnels().get()).isZero();
  }

  private static String written(EmbeddedChannel channel) {
    StringBuilder hex = new StringBuilder();
    for (ByteBuf data; (data = channel.readOutbound()) != null; data.release()) {
      hex.append(ByteBufUtil.hexDump(data));
    }
    return hex.toString();
  }

  private static ByteBuf bytes(String hex) {
    return Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex));
  }

  /** Bytes that a decoder had read too far, given out at the first read. */
  private static final class Kept extends ChannelDuplexHandler {
    private String kept;

    Kept(String kept) {
      this.kept = kept;
    }

    @Override
    public void read(ChannelHandlerContext ctx) {
      if (!kept.isEmpty()) {
        ByteBuf data = bytes(kept);
        kept = "";
        ctx.fireChannelRead(data);
        ctx.fireChannelReadComplete();
      }
      ctx.read();
    }
  }
}
