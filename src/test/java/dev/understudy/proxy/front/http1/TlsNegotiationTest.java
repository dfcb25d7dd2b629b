package dev.understudy.proxy.front.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.front.Doors;
import dev.understudy.proxy.front.Frontend;
import dev.understudy.proxy.front.FrontendLoop;
import dev.understudy.proxy.front.TlsNegotiation;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TlsNegotiationTest {
  @Test
  void a_handshake_gives_a_client_no_more_time_for_its_first_request() {
    Frontend door = Doors.door();
    Http1Handler http1 = new Http1Handler(door);
    EmbeddedChannel channel =
        new EmbeddedChannel(new TlsNegotiation(door, pipeline -> pipeline.addLast(http1)));
    FrontendLoop loop = door.on(channel.eventLoop());
    long taken = loop.mark();
    channel.advanceTimeBy(FrontendLoop.TICK_NANOS, TimeUnit.NANOSECONDS);
    channel.runScheduledPendingTasks();
    assertThat(loop.mark()).isGreaterThan(taken);
    channel.pipeline().fireUserEventTriggered(SslHandshakeCompletionEvent.SUCCESS);
    assertThat(channel.pipeline().get(TlsNegotiation.class)).isNull();
    assertThat(http1.front().timeouts().waitingSince()).isEqualTo(taken);
    channel.finishAndReleaseAll();
  }
}
