package dev.understudy.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.LeakWatch;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(LeakWatch.class)
class RequestBodyTest {
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
  private final ByteArrayOutputStream given = new ByteArrayOutputStream();

  private static RequestBody body(int limit, boolean keepSent) {
    return new RequestBody(ByteBufAllocator.DEFAULT, limit, keepSent);
  }

  private ByteBuf piece(int length) {
    byte[] bytes = new byte[length];
    new Random(given.size()).nextBytes(bytes);
    given.writeBytes(bytes);
    return ByteBufAllocator.DEFAULT.buffer().writeBytes(bytes);
  }

  private void write(ByteBuf data) {
    sent.writeBytes(ByteBufUtil.getBytes(data));
    data.release();
  }

  private void assertSent() {
    assertThat(Arrays.equals(sent.toByteArray(), given.toByteArray())).isTrue();
  }

  @Test
  void what_waited_and_what_followed_are_sent_in_order() {
    RequestBody body = body(100_000, false);
    body.hold(piece(10));
    body.hold(piece(9000));
    body.sendAll(this::write);
    body.send(piece(50_000), this::write);
    assertSent();
    body.release();
  }

  @Test
  void all_of_it_is_sent_again_while_it_is_whole() {
    RequestBody body = body(100_000, true);
    body.hold(piece(5000));
    body.sendAll(this::write);
    body.send(piece(3), this::write);
    body.send(piece(70_000), this::write);
    assertThat(body.isWhole()).isTrue();
    sent.reset();
    body.sendAll(this::write);
    body.send(piece(1), this::write);
    assertSent();
    body.release();
  }

  @Test
  void beyond_the_limit_it_is_sent_once_and_not_again() {
    RequestBody body = body(100, true);
    body.sendAll(this::write);
    body.send(piece(100), this::write);
    assertThat(body.isWhole()).isTrue();
    body.send(piece(1), this::write);
    assertThat(body.isWhole()).isFalse();
    assertSent();
    body.release();
  }

  @Test
  void what_came_unasked_beyond_the_limit_waits_and_no_more_is_asked_for() {
    RequestBody body = body(100, true);
    body.hold(piece(60));
    assertThat(body.hasRoom()).isTrue();
    body.hold(piece(60));
    body.hold(piece(5));
    assertThat(body.hasRoom()).isFalse();
    body.sendAll(this::write);
    assertSent();
    assertThat(body.isWhole()).isFalse();
    body.release();
  }

  @ParameterizedTest
  @CsvSource({"100, true", "100, false", "100000, true"})
  void a_piece_that_a_write_brings_waits_for_those_before_it(int limit, boolean keepSent) {
    RequestBody body = body(limit, keepSent);
    body.hold(piece(60));
    body.hold(piece(60));
    body.hold(piece(60));
    int[] brought = new int[1];
    body.sendAll(
        piece -> {
          write(piece);
          if (brought[0]++ < 3) {
            body.send(piece(10), this::write);
          }
        });
    body.send(piece(7), this::write);
    assertSent();
    body.release();
  }

  @Test
  void a_body_that_is_never_sent_is_let_go() {
    RequestBody body = body(100, false);
    body.hold(piece(60));
    body.hold(piece(60));
    body.release();
    assertThat(sent.size()).isZero();
  }

  @Test
  void many_small_pieces_pin_no_buffers() {
    RequestBody body = body(64 * 1024, true);
    for (int i = 0; i < 64 * 1024; i++) {
      ByteBuf piece = piece(1);
      body.hold(piece);
      assertThat(piece.refCnt()).isZero();
    }
    body.sendAll(this::write);
    assertSent();
    body.release();
  }
}
