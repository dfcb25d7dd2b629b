package dev.understudy.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.listener.FrontendRig.Entrance;
import dev.understudy.testing.RawHttp2;
import dev.understudy.testing.RawHttp2.Frame;
import dev.understudy.traffic.Limit;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Error;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Netty's own bounds, for which nothing is set: so many frames are taken, and not one more. */
class Http2FrameBoundsTest {
  private static final String[] HEAD = {
    ":method: GET", ":scheme: https", ":authority: h", ":path: /"
  };

  private FrontendRig rig;
  private RawHttp2 client;

  @BeforeEach
  void start() throws IOException {
    rig = new FrontendRig(Entrance.ALPN);
    client = RawHttp2.connect(rig.port()).settings();
  }

  @AfterEach
  void stop() {
    client.close();
    rig.close();
  }

  private void assertServed(int stream) throws IOException {
    Frame head = client.read(RawHttp2.HEADERS, stream);
    assertThat(head.fields().status()).hasToString("200");
    assertThat(rig.seen.limits).isEmpty();
  }

  private void assertToldToCalmDownAndCounted(Limit limit) throws IOException {
    assertThat(client.rest().stream().filter(frame -> frame.type() == RawHttp2.GOAWAY))
        .singleElement()
        .satisfies(
            told -> assertThat(told.number(4)).isEqualTo(Http2Error.ENHANCE_YOUR_CALM.code()));
    assertThat(rig.seen.limits).containsExactly(limit);
  }

  @Test
  void a_head_in_16_frames_is_served_and_one_in_17_is_not() throws IOException {
    headIn(16, 1);
    assertServed(1);
    headIn(17, 3);
    assertToldToCalmDownAndCounted(Limit.HEADER_SIZE);
  }

  private void headIn(int frames, int stream) throws IOException {
    client.frame(RawHttp2.HEADERS, RawHttp2.END_STREAM, stream, RawHttp2.block(HEAD));
    for (int i = 2; i <= frames; i++) {
      int flags = i == frames ? RawHttp2.END_HEADERS : 0;
      client.frame(RawHttp2.CONTINUATION, flags, stream, new byte[0]);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void after_200_resets_it_is_served_and_after_one_more_it_is_not(boolean ours) throws IOException {
    rig.server.script(call -> call.in().read());
    for (int i = 0; i < 200; i++) {
      reset(2 * i + 1, ours);
    }
    rig.server.script(call -> call.reply(200, "server"));
    client.get(401, "/");
    assertServed(401);
    rig.server.script(call -> call.in().read());
    reset(403, ours);
    assertToldToCalmDownAndCounted(Limit.REQUESTS_PER_CONNECTION);
  }

  private void reset(int stream, boolean byUs) throws IOException {
    client.get(stream, "/");
    if (byUs) {
      client.window(stream, 0);
    } else {
      client.reset(stream, (int) Http2Error.CANCEL.code());
    }
  }

  /** Each is kept until the next response, so they count without one too. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void after_200_header_table_sizes_it_is_served_and_after_one_more_it_is_not(boolean slow)
      throws IOException {
    if (slow) {
      rig.server.script(call -> call.in().read());
      client.get(1, "/");
    }
    for (int i = 0; i < 200; i++) {
      client.settings(Http2CodecUtil.SETTINGS_HEADER_TABLE_SIZE, i % 2 * 4096);
    }
    if (!slow) {
      client.get(1, "/");
      assertServed(1);
    }
    client.settings(Http2CodecUtil.SETTINGS_HEADER_TABLE_SIZE, 0);
    assertToldToCalmDownAndCounted(Limit.CLIENT_IDLE);
  }

  @Test
  void a_server_that_breaks_off_responses_does_not_end_it() throws IOException {
    rig.server.script(
        call -> {
          call.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
          call.close();
        });
    for (int stream = 1; stream < 600; stream += 2) {
      client.get(stream, "/");
      if (stream % 100 == 99) {
        for (int i = 0; i < 50; i++) {
          Frame end = client.read(RawHttp2.RST_STREAM);
          assertThat(end.number(0)).isEqualTo(Http2Error.CANCEL.code());
        }
      }
    }
    rig.server.script(call -> call.reply(200, "server"));
    client.get(601, "/");
    assertServed(601);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/gateway/"})
  void two_frames_with_nothing_in_them_are_taken_and_three_are_not(String target)
      throws IOException {
    client.post(1, target);
    nothing(2, 1);
    client.frame(RawHttp2.DATA, 0, 1, new byte[] {'a'});
    nothing(2, 1);
    client.frame(RawHttp2.DATA, RawHttp2.END_STREAM, 1, new byte[] {'b'});
    assertServed(1);
    client.post(3, target);
    nothing(3, 3);
    assertToldToCalmDownAndCounted(Limit.CLIENT_IDLE);
  }

  @Test
  void frames_with_nothing_in_them_leave_a_body_as_it_is() throws IOException {
    rig.server.script(call -> call.reply(200, call.text()));
    client.post(1, "/");
    nothing(2, 1);
    client.frame(RawHttp2.DATA, 0, 1, new byte[] {'a'});
    nothing(2, 1);
    client.frame(RawHttp2.DATA, RawHttp2.END_STREAM, 1, new byte[] {'b'});
    assertThat(client.read(RawHttp2.DATA, 1).payload()).asString().isEqualTo("ab");
  }

  private void nothing(int frames, int stream) throws IOException {
    for (int i = 0; i < frames; i++) {
      client.frame(RawHttp2.DATA, 0, stream, new byte[0]);
    }
  }
}
