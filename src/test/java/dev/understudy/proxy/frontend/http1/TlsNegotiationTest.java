package dev.understudy.proxy.frontend.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.frontend.Frontend;
import dev.understudy.proxy.frontend.FrontendLoop;
import dev.understudy.proxy.frontend.TestFrontends;
import dev.understudy.proxy.frontend.TlsNegotiation;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TlsNegotiationTest {
  @Test
  void a_handshake_gives_a_client_no_more_time_for_its_first_request() {
    Frontend frontend = TestFrontends.frontend();
    Http1Handler http1 = new Http1Handler(frontend, new RequestCodec(new HttpDecoderConfig(), 100));
    EmbeddedChannel channel =
        new EmbeddedChannel(new TlsNegotiation(frontend, pipeline -> pipeline.addLast(http1)));
    FrontendLoop loop = frontend.on(channel.eventLoop());
    long taken = loop.mark();
    channel.advanceTimeBy(FrontendLoop.TICK_NANOS, TimeUnit.NANOSECONDS);
    channel.runScheduledPendingTasks();
    assertThat(loop.mark()).isGreaterThan(taken);
    channel.pipeline().fireUserEventTriggered(SslHandshakeCompletionEvent.SUCCESS);
    assertThat(channel.pipeline().get(TlsNegotiation.class)).isNull();
    assertThat(http1.front().lifetime().waitingSince()).isEqualTo(taken);
    channel.finishAndReleaseAll();
  }
}
