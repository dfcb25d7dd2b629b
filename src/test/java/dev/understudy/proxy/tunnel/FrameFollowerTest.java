package dev.understudy.proxy.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Extent;
import dev.understudy.testing.Rows;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Frame headers are followed however the stream is cut. */
@Tag(Extent.FULL)
class FrameFollowerTest {
  private final FrameFollower follower = new FrameFollower();

  /** Between frames, between messages, and whether a close frame has passed. */
  @Rows(
      """
      # a stream begins between messages
      ``                         | true  | true  | false
      # a length with the top bit set never gives a boundary again
      827f8000000000000000 8100  | false | false | false
      # between fragments is between frames but not between messages
      0101aa                     | true  | false | false
      # a control frame between fragments does not end the message
      0101aa 8900 0001aa         | true  | false | false
      0101aa 8900 0001aa 8001aa  | true  | true  | false
      # a close frame has passed only once it is whole
      880203                     | false | false | false
      880203 e8                  | true  | true  | true
      # an empty one has passed with its header
      8800                       | true  | true  | true
      """)
  void what_is_known(String pieces, boolean frames, boolean messages, boolean closed) {
    for (String piece : pieces.split(" ")) {
      follow(piece);
    }
    assertThat(follower.betweenFrames()).isEqualTo(frames);
    assertThat(follower.betweenMessages()).isEqualTo(messages);
    assertThat(follower.closePassed()).isEqualTo(closed);
  }

  @Test
  void the_longest_frame_is_no_boundary_until_its_end() {
    follow("827f7fffffffffffffff");
    follow(new byte[100_000]);
    assertThat(follower.betweenFrames()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "8100, 0",
    "817d, 125",
    "817e007e, 126",
    "817effff, 65535",
    "817f0000000000010000, 65536",
    "8180aabbccdd, 0",
    "81fe0100aabbccdd, 256",
    "f180aabbccdd, 0",
    "8b00, 0"
  })
  void a_frame_ends_exactly_with_its_last_byte(String header, int length) {
    follow(header);
    if (length > 0) {
      assertThat(follower.betweenFrames()).isFalse();
      follow(new byte[length - 1]);
      assertThat(follower.betweenFrames()).isFalse();
      follow(new byte[1]);
    }
    assertThat(follower.betweenMessages()).isTrue();
  }

  @Test
  void following_to_the_end_of_a_message_stops_there_and_leaves_the_buffer_alone() {
    ByteBuf data = Unpooled.wrappedBuffer(HexFormat.of().parseHex("0101aa" + "8001bb" + "8100"));
    follow("0101");
    ByteBuf rest = data.skipBytes(2);
    assertThat(follower.followToMessageEnd(rest)).isEqualTo(4);
    assertThat(follower.betweenMessages()).isTrue();
    assertThat(follower.followToMessageEnd(rest)).isZero();
    assertThat(rest.readerIndex()).isEqualTo(2);
  }

  @Test
  void random_frames_cut_at_random_give_exactly_their_boundaries() {
    for (long seed = 0; seed < Extent.rounds(300); seed++) {
      Random random = new Random(seed);
      Frames frames = Frames.random(random, 40);
      boolean bytewise = seed % 3 == 0;
      FrameFollower each = new FrameFollower();
      byte[] stream = frames.bytes();
      for (int at = 0; at < stream.length; ) {
        int step = bytewise ? 1 : 1 + random.nextInt(Math.min(stream.length - at, 400));
        each.follow(Unpooled.wrappedBuffer(stream, at, step));
        at += step;
        assertThat(each.betweenFrames()).as("seed %d at %d", seed, at).isEqualTo(frames.ends(at));
        assertThat(each.betweenMessages())
            .as("seed %d at %d", seed, at)
            .isEqualTo(frames.endsMessage(at));
        assertThat(each.closePassed())
            .as("seed %d at %d", seed, at)
            .isEqualTo(frames.closedBefore(at));
      }
    }
  }

  @Test
  void random_frames_are_left_at_the_next_end_of_a_message_wherever_one_starts_to_look() {
    for (long seed = 0; seed < Extent.rounds(300); seed++) {
      Random random = new Random(seed);
      Frames frames = Frames.random(random, 20);
      byte[] stream = frames.bytes();
      int from = random.nextInt(stream.length + 1);
      FrameFollower each = new FrameFollower();
      each.follow(Unpooled.wrappedBuffer(stream, 0, from));
      int taken =
          each.followToMessageEnd(Unpooled.wrappedBuffer(stream, from, stream.length - from));
      int expected = from;
      while (expected < stream.length && !frames.endsMessage(expected)) {
        expected++;
      }
      assertThat(from + taken).as("seed %d from %d", seed, from).isEqualTo(expected);
    }
  }

  private void follow(String hex) {
    follow(HexFormat.of().parseHex(hex));
  }

  private void follow(byte[] bytes) {
    follower.follow(Unpooled.wrappedBuffer(bytes));
  }
}
