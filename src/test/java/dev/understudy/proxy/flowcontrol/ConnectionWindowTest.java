package dev.understudy.proxy.flowcontrol;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a connection's window of 64 KB is opened again for a stream that is read. */
class ConnectionWindowTest {
  @ParameterizedTest(name = "{0} bytes of another stream are unread, {1} are read: {2}")
  @CsvSource({
    "     0, 32000, false",
    "     0, 33000,  true",
    // Half of the whole would never be reached.
    " 40000, 12500, false",
    " 40000, 13000,  true",
    // No window is opened for less than 2 KB.
    " 63000,  2000, false",
    " 63000,  2100,  true",
  })
  void it_opens_for_half_of_what_unread_streams_leave(int unread, int read, boolean opens)
      throws Http2Exception {
    Http2FrameCodec codec = Http2FrameCodecBuilder.forServer().build();
    AdaptiveFlowController.install(codec, 1, new WindowBudget(0));
    EmbeddedChannel channel = new EmbeddedChannel(codec);
    Http2Connection connection = codec.connection();
    AdaptiveFlowController control = AdaptiveFlowController.of(connection);
    Http2Stream stalled = connection.remote().createStream(1, false);
    Http2Stream other = connection.remote().createStream(3, false);
    receive(control, stalled, unread);
    receive(control, other, read);
    int left = control.windowSize(connection.connectionStream());
    control.consumeBytes(other, read);
    assertThat(control.windowSize(connection.connectionStream()))
        .isEqualTo(opens ? left + read : left);
    channel.finishAndReleaseAll();
  }

  private static void receive(AdaptiveFlowController control, Http2Stream stream, int bytes)
      throws Http2Exception {
    control.receiveFlowControlledFrame(stream, Unpooled.wrappedBuffer(new byte[bytes]), 0, false);
  }
}
