package dev.understudy.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.HoldSettings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestBodyTest {
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
  private final ByteArrayOutputStream given = new ByteArrayOutputStream();
  private final AtomicLong held = new AtomicLong();

  private RequestBody body(int limit, boolean keepSent) {
    return body(limit, keepSent, 1024);
  }

  private RequestBody body(int limit, boolean keepSent, int requests) {
    HoldSettings limits = new HoldSettings(Duration.ZERO, requests, limit);
    return new RequestBody(ByteBufAllocator.DEFAULT, limits, held, keepSent);
  }

  @AfterEach
  void nothing_is_counted_as_kept_any_more() {
    assertThat(held).hasValue(0);
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
  void waiting_and_following_bytes_are_sent_in_order() {
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
  void bytes_beyond_the_limit_wait_and_no_more_are_read() {
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
  void kept_bytes_are_counted_wherever_they_are() {
    RequestBody body = body(100, true);
    body.hold(piece(60));
    assertThat(held).hasValue(60);
    body.hold(piece(60));
    assertThat(held).hasValue(120);
    body.sendAll(this::write);
    assertThat(held).hasValue(0);
    assertThat(body.isTooLarge()).isTrue();
    assertSent();
    body.release();
  }

  @Test
  void bytes_kept_for_a_replay_are_counted_until_none_can_follow() {
    RequestBody body = body(100, true);
    body.sendAll(this::write);
    body.send(piece(60), this::write);
    assertThat(held).hasValue(60);
    body.settle();
    assertThat(held).hasValue(0);
    assertThat(body.isTooLarge()).isFalse();
    body.release();
  }

  @Test
  void the_bodies_kept_are_bounded_in_total() {
    RequestBody first = body(100, true, 2);
    RequestBody second = body(100, true, 2);
    RequestBody third = body(100, true, 2);
    first.send(piece(100), this::write);
    second.send(piece(90), this::write);
    third.send(piece(11), this::write);
    assertThat(third.isWhole()).isFalse();
    assertThat(third.isTooLarge()).isTrue();
    assertThat(held).hasValue(190);
    second.send(piece(10), this::write);
    assertThat(second.isWhole()).isTrue();
    first.settle();
    RequestBody fourth = body(100, true, 2);
    fourth.send(piece(100), this::write);
    assertThat(fourth.isWhole()).isTrue();
    assertSent();
    List.of(first, second, third, fourth).forEach(RequestBody::release);
  }

  @Test
  void once_all_together_may_keep_no_more_no_more_is_asked_for() {
    RequestBody first = body(100, false, 1);
    RequestBody second = body(100, false, 1);
    assertThat(second.hasRoom()).isTrue();
    first.hold(piece(100));
    assertThat(second.hasRoom()).isFalse();
    first.sendAll(this::write);
    assertThat(second.hasRoom()).isTrue();
    assertSent();
    first.release();
  }

  @Test
  void many_small_pieces_pin_no_buffers() {
    RequestBody body = body(16 * 1024, true);
    for (int i = 0; i < 16 * 1024; i++) {
      ByteBuf piece = piece(1);
      body.hold(piece);
      assertThat(piece.refCnt()).isZero();
    }
    body.sendAll(this::write);
    assertSent();
    body.release();
  }

  @ParameterizedTest
  @CsvSource({"4096, 8192, 1", "4096, 8193, 0", "4095, 4095, 0", "65536, 65536, 1"})
  void a_large_piece_stays_in_a_buffer_of_which_it_fills_half(int length, int buffer, int pinned) {
    RequestBody body = body(64 * 1024, true);
    ByteBuf whole = ByteBufAllocator.DEFAULT.buffer(buffer, buffer).writerIndex(length);
    body.hold(whole.readRetainedSlice(length));
    assertThat(whole.refCnt()).isEqualTo(1 + pinned);
    body.sendAll(
        piece -> {
          assertThat(piece.readableBytes()).isEqualTo(length);
          piece.release();
        });
    body.release();
    assertThat(whole.refCnt()).isOne();
    whole.release();
  }

  @Test
  void small_pieces_between_large_ones_begin_no_block_each() {
    RequestBody body = body(64 * 1024, true);
    ByteBuf first = ByteBufAllocator.DEFAULT.buffer(4096, 4096).writerIndex(4096);
    ByteBuf second = ByteBufAllocator.DEFAULT.buffer(4096, 4096).writerIndex(4096);
    body.hold(first.retain());
    body.hold(ByteBufAllocator.DEFAULT.buffer(1).writeZero(1));
    body.hold(second.retain());
    assertThat(first.refCnt()).isEqualTo(2);
    assertThat(second.refCnt()).isOne();
    body.release();
    first.release();
    second.release();
  }
}
