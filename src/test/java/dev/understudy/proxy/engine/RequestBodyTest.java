package dev.understudy.proxy.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.HoldSettings;
import dev.understudy.testing.Scenario;
import dev.understudy.testing.Scenario.Words;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
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

  @Scenario.Each(
"""
waiting and following bytes are sent in order
  A once 100000; A hold 10; A hold 9000; A all; A send 50000; sent
all of it is sent again while it is whole
  A keep 100000; A hold 5000; A all; A send 3; A send 70000; A whole true
  again; A all; A send 1; sent
beyond the limit it is sent once and not again
  A keep 100; A all; A send 100; A whole true; A send 1; A whole false; sent
bytes beyond the limit wait and no more are read
  A keep 100; A hold 60; A room true; A hold 60; A hold 5; A room false; A all; sent; A whole false
a body that is never sent is let go
  A once 100; A hold 60; A hold 60; A release; unsent
kept bytes are counted wherever they are
  A keep 100; A hold 60; held 60; A hold 60; held 120; A all; held 0; A large true; sent
bytes kept for a replay are counted until none can follow
  A keep 100; A all; A send 60; held 60; A settle; held 0; A large false
the bodies kept are bounded in total
  A keep 100 2; B keep 100 2; C keep 100 2; A send 100; B send 90; C send 11
  C whole false; C large true; held 190; B send 10; B whole true
  A settle; D keep 100 2; D send 100; D whole true; sent
once all together may keep no more no more is asked for
  A once 100 1; B once 100 1; B room true; A hold 100; B room false; A all; B room true; sent
""")
  void a_body_is_kept(Scenario scenario) {
    Map<String, RequestBody> bodies = new HashMap<>();
    scenario.play(
        words -> {
          switch (words.at(0)) {
            case "sent" -> assertSent();
            case "unsent" -> assertThat(sent.size()).isZero();
            case "again" -> sent.reset();
            case "held" -> assertThat(held).hasValue(words.number(1));
            default -> step(bodies, words);
          }
        });
    bodies.values().forEach(RequestBody::release);
  }

  private void step(Map<String, RequestBody> bodies, Words words) {
    String value = words.at(2);
    RequestBody body = bodies.get(words.at(0));
    switch (words.at(1)) {
      case "keep", "once" -> {
        int requests = words.at(3).isEmpty() ? 1024 : words.number(3);
        boolean keep = words.at(1).equals("keep");
        bodies.put(words.at(0), body(words.number(2), keep, requests));
      }
      case "hold" -> body.hold(piece(words.number(2)));
      case "send" -> body.send(piece(words.number(2)), this::write);
      case "all" -> body.sendAll(this::write);
      case "settle" -> body.settle();
      case "release" -> body.release();
      case "whole" -> assertThat(body.isWhole()).hasToString(value);
      case "room" -> assertThat(body.hasRoom()).hasToString(value);
      case "large" -> assertThat(body.isTooLarge()).hasToString(value);
      default -> throw new IllegalArgumentException(words.at(1));
    }
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
