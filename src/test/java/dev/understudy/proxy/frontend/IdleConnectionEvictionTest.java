package dev.understudy.proxy.frontend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.engine.ErrorResponses;
import dev.understudy.proxy.eventloop.SlotList;
import dev.understudy.proxy.http.TrustedProxies;
import dev.understudy.proxy.route.RouteTable;
import dev.understudy.testing.Recorder;
import dev.understudy.testing.TestLimits;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class IdleConnectionEvictionTest {
  private static final long NOW = 1000 * ConnectionLimits.SPARED_NANOS;

  private static final FrontendLoop LOOP =
      new FrontendLoop(
          new EmbeddedChannel().eventLoop(), new ConnectionLimits(TestLimits.DEFAULT, limit -> {}));

  private static final Frontend FRONTEND =
      new Frontend(
          (request, downstream, loop) -> {
            throw new AssertionError("no request here");
          },
          () -> RouteTable.GATEWAY_ONLY,
          new Recorder(),
          TrustedProxies.NONE,
          TestLimits.DEFAULT,
          new ErrorResponses());

  private final IdleConnectionEviction waiting = new IdleConnectionEviction();
  private final SlotList<TimedConnection> members = new SlotList<>();
  private final List<Long> closed = new ArrayList<>();
  private int looks;

  private final class Connection extends TimedConnection {
    private long since;

    Connection(long since) {
      super(FRONTEND, LOOP, since);
      this.since = since;
      members.add(this);
    }

    @Override
    public long waitingSince() {
      looks++;
      return since;
    }

    @Override
    public boolean isWaiting() {
      return since != NOT_WAITING;
    }

    @Override
    public void shed() {
      closed.add(since);
      since = NOT_WAITING;
      members.remove(this);
    }

    @Override
    public void sweep(long nowClock) {}

    @Override
    public void drain() {}
  }

  private boolean closeOne() {
    return waiting.closeOne(members, NOW);
  }

  @Test
  void they_go_longest_first_and_each_once() {
    for (long since : new long[] {5, 3, 9, 1, 7}) {
      new Connection(since);
    }
    while (closeOne()) {
      // Until nobody is left.
    }
    assertThat(closed).containsExactly(1L, 3L, 5L, 7L, 9L);
  }

  @Test
  void a_new_connection_or_one_with_a_request_stays() {
    new Connection(NOW - ConnectionLimits.SPARED_NANOS + 1);
    new Connection(TimedConnection.NOT_WAITING);
    assertThat(closeOne()).isFalse();
    new Connection(NOW - ConnectionLimits.SPARED_NANOS);
    assertThat(closeOne()).isTrue();
    assertThat(closed).hasSize(1);
  }

  @Test
  void one_that_got_a_request_after_it_was_found_stays() {
    new Connection(1);
    Connection second = new Connection(2);
    Connection third = new Connection(3);
    new Connection(4);
    closeOne();
    second.since = TimedConnection.NOT_WAITING;
    third.since = NOW - 5;
    closeOne();
    assertThat(closed).containsExactly(1L, 4L);
  }

  @Test
  void a_thousand_are_not_looked_through_for_each() {
    for (int i = 0; i < 1000; i++) {
      new Connection(i);
    }
    for (int i = 0; i < 64; i++) {
      closeOne();
    }
    assertThat(closed).hasSize(64).isSorted();
    assertThat(looks).isLessThan(2000);
  }
}
