package dev.understudy.proxy.eventloop;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CoalescedFlushTest {
  private int flushes;
  private final EmbeddedChannel channel =
      new EmbeddedChannel(
          new ChannelOutboundHandlerAdapter() {
            @Override
            public void flush(ChannelHandlerContext ctx) {
              flushes++;
            }
          });
  private final CoalescedFlush flush = new CoalescedFlush(channel);

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  @Test
  void all_writes_of_a_turn_leave_with_one_flush_at_its_end() {
    for (int turn = 0; turn < 2; turn++) {
      flush.plan();
      flush.plan();
      assertThat(flushes).isEqualTo(turn);
      channel.runPendingTasks();
      assertThat(flushes).isEqualTo(turn + 1);
    }
    channel.runPendingTasks();
    assertThat(flushes).isEqualTo(2);
  }
}
