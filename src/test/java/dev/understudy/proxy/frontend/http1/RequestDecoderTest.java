package dev.understudy.proxy.frontend.http1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.proxy.http.Embedded;
import dev.understudy.proxy.http.ReadSize;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestDecoderTest {
  private static final String GOOD = "GET /a HTTP/1.1\r\nHost: h\r\nX-A:  b \t c  \r\nX-E:\r\n\r\n";
  private static final String BODY =
      "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\na\r\n b\n"
          + "POST /c HTTP/1.1\r\nhost:h\r\ntransfer-encoding:chunked\r\n\r\n"
          + "6;x=y\r\na\r\n b\n\r\n0\r\nx: 1\r\n\r\n";
  private static final String FOLDED = "GET /f HTTP/1.1\r\nHost: h\r\nX-A: b\r\n c\r\n\r\n";

  private final EmbeddedChannel channel = new EmbeddedChannel(new HttpServerCodec());

  RequestDecoderTest() {
    new RequestCodec(new HttpDecoderConfig(), 100)
        .replace(channel.pipeline(), channel.pipeline().context(HttpServerCodec.class).name());
  }

  /** Whether each request that came out of it was good. */
  private List<Boolean> read(String raw, int piece) {
    List<Boolean> good = new ArrayList<>();
    Embedded.read(
        channel,
        raw,
        piece,
        each -> {
          if (each instanceof HttpRequest request) {
            good.add(request.decoderResult().isSuccess());
          } else {
            boolean whole = ((HttpContent) each).decoderResult().isSuccess();
            assertThat(whole).isNotEqualTo(good.contains(false));
          }
        });
    channel.finishAndReleaseAll();
    return good;
  }

  /** Counts the reads that are asked of the socket. */
  private AtomicInteger reads() {
    AtomicInteger reads = new AtomicInteger();
    channel
        .pipeline()
        .addFirst(
            new ChannelOutboundHandlerAdapter() {
              @Override
              public void read(ChannelHandlerContext ctx) {
                reads.incrementAndGet();
              }
            });
    return reads;
  }

  /** RFC 9112 §6.3; Netty knows a draft of WebSocket in which such a request has eight bytes. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3, 40, 10_000})
  void a_request_without_a_length_has_no_body_whatever_its_fields(int piece) {
    String old = "GET /a HTTP/1.1\r\nSec-WebSocket-Key1: 1\r\nSec-WebSocket-Key2:  2\r\n\r\n";
    assertThat(read(old + GOOD + old + GOOD, piece)).containsExactly(true, true, true, true);
  }

  @ParameterizedTest
  @ValueSource(strings = {"zz\r\n", "5\r\nhelloXX", "0\r\nX y\r\n\r\n", "5\nhello\r\n"})
  void nothing_behind_broken_content_is_a_request(String broken) {
    String head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    List<Object> seen = new ArrayList<>();
    for (String piece : List.of(head, broken, GOOD, GOOD + GOOD)) {
      Embedded.read(channel, piece, 10_000, seen::add);
    }
    assertThat(seen).filteredOn(HttpRequest.class::isInstance).hasSize(1);
    assertThat(seen)
        .noneMatch(each -> each instanceof LastHttpContent end && end.decoderResult().isSuccess());
    channel.finishAndReleaseAll();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 40, 10_000})
  void good_requests_pass_however_their_bytes_come(int piece) {
    assertThat(read("\r\n" + GOOD + BODY + GOOD, piece)).containsExactly(true, true, true, true);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 40, 10_000})
  void a_head_with_as_many_fields_as_may_be_passes(int piece) {
    String head = "GET /m HTTP/1.1\r\nHost:h\r\n" + "a:b\r\n".repeat(99);
    assertThat(read(GOOD + BODY + head + "\r\n" + GOOD, piece)).hasSize(5).doesNotContain(false);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 40, 10_000})
  void one_field_more_is_too_many_although_the_head_goes_on(int piece) {
    String head = "GET /m HTTP/1.1\r\nHost:h\r\n" + "a:b\r\n".repeat(100);
    assertThat(read(GOOD + BODY + head, piece)).containsExactly(true, true, true, false);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 40, 10_000})
  void trailers_with_too_many_fields_are_refused_before_they_end(int piece) {
    String head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    List<Object> seen = new ArrayList<>();
    Embedded.read(channel, head + "1\r\na\r\n0\r\n" + "a:b\r\n".repeat(101), piece, seen::add);
    assertThat(seen)
        .last()
        .satisfies(each -> assertThat(((HttpContent) each).decoderResult().isFailure()).isTrue());
    channel.finishAndReleaseAll();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 40, 10_000})
  void a_folded_line_is_refused_and_nothing_after_it_is_read(int piece) {
    assertThat(read(GOOD + BODY + FOLDED + GOOD, piece)).containsExactly(true, true, true, false);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /f HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET /f HTTP/1.1\r\nHost: h\r\n \r\n\r\n",
        "GET /f HTTP/1.1\r\nHost: h\r\n\tx\r\n\r\n",
        "GET /f HTTP/1.1\r\nHost: h\r\nX:\r\n y\r\n\r\n",
        "GET /f HTTP/1.1\r\nHost: h\r\nX: y\r\n Content-Length: 5\r\n\r\n",
        "GET /f HTTP/1.1\r\nHost: h\r\nX: y\r\n z\r\n z\r\nY: z\r\n\r\n"
      })
  void a_fold_is_a_fold_wherever_it_stands(String head) {
    assertThat(read(head, 10_000)).containsExactly(!head.matches("(?s).*\r\n[ \t].*"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET  /f HTTP/1.1", "GET /f  HTTP/1.1", " GET /f HTTP/1.1",
        "GET\t/f HTTP/1.1", "GET /f\tHTTP/1.1", "GET /f\u000bHTTP/1.1",
        "GET \r/f HTTP/1.1", "GET /f HTTP/1.1 ", "GET /f g HTTP/1.1",
        "GET /f"
      })
  void only_one_space_stands_between_the_words_of_a_request_line(String line) {
    assertThat(read(line + "\r\nHost: h\r\n\r\n" + GOOD, 10_000)).containsExactly(false);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 40, 10_000, 1_000_000})
  void requests_without_end_and_without_responses_are_kept(int piece) {
    assertThat(read(GOOD.repeat(1000), piece)).hasSize(16).doesNotContain(false);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
        "GET / HTTP/1.1\r\nHost:h\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc",
        "POST / HTTP/1.1\r\nHost:h\r\nContent-Length: 3\r\n\r\nabc"
      })
  void nothing_is_read_by_itself_behind_a_message(String whole) {
    AtomicInteger reads = reads();
    channel.config().setAutoRead(false);
    channel.writeInbound(Unpooled.copiedBuffer(whole + "GET /", StandardCharsets.US_ASCII));
    assertThat(reads).hasValue(0);
    channel.finishAndReleaseAll();
  }

  @Test
  void a_response_to_head_has_a_length_and_no_body() {
    channel.writeInbound(
        Unpooled.copiedBuffer(GOOD.replace("GET", "HEAD") + GOOD, StandardCharsets.US_ASCII));
    for (int i = 0; i < 2; i++) {
      DefaultFullHttpResponse response =
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1,
              HttpResponseStatus.OK,
              Unpooled.copiedBuffer("abc", StandardCharsets.US_ASCII));
      response.headers().set("content-length", 3);
      channel.writeOutbound(response);
    }
    String head = "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n";
    assertThat(String.join("", Embedded.written(channel))).isEqualTo(head + head + "abc");
    channel.finishAndReleaseAll();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 17, 1000})
  void small_chunks_of_one_read_become_one_content_in_their_order(int size) {
    String chunk = Integer.toHexString(size) + "\r\n" + "abcdefghij".repeat(100).substring(0, size);
    String head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    String chunks = (chunk + "\r\n").repeat(500);
    StringBuilder body = new StringBuilder();
    int[] contents = new int[1];
    Embedded.read(
        channel,
        head + chunks + "0\r\n\r\n" + GOOD,
        1_000_000,
        each -> {
          if (each instanceof HttpContent content) {
            contents[0]++;
            body.append(content.content().toString(StandardCharsets.US_ASCII));
          }
        });
    channel.finishAndReleaseAll();
    assertThat(body.toString()).isEqualTo("abcdefghij".repeat(100).substring(0, size).repeat(500));
    // And the two last contents; joined are 7 KB at least.
    assertThat(contents[0]).isLessThanOrEqualTo(2 + 1 + 500 * size / 7000);
  }

  /** Size lines of every form, and chunks that end anywhere in a read. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 100, 8000})
  void any_chunks_in_any_pieces_make_the_same_body(int piece) {
    Random random = new Random(piece);
    String head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    StringBuilder raw = new StringBuilder(head);
    StringBuilder sent = new StringBuilder();
    String[] forms = {"%x", "%X", "%04x", "%x;a=b", "%03x"};
    for (int i = 0; i < 2000; i++) {
      int size = 1 + random.nextInt(i % 50 == 0 ? 3000 : 12);
      String data = "0\r\n\r\nabc".repeat(400).substring(0, size);
      raw.append(forms[i % 7 == 0 ? random.nextInt(forms.length) : 0].formatted(size));
      raw.append("\r\n").append(data).append("\r\n");
      sent.append(data);
    }
    StringBuilder body = new StringBuilder();
    int[] requests = new int[1];
    Embedded.read(
        channel,
        raw + "0\r\n\r\n" + GOOD,
        piece,
        each -> {
          if (each instanceof HttpContent content) {
            assertThat(content.decoderResult().isSuccess()).isTrue();
            body.append(content.content().toString(StandardCharsets.US_ASCII));
          } else {
            requests[0]++;
          }
        });
    channel.finishAndReleaseAll();
    assertThat(body.toString()).isEqualTo(sent.toString());
    assertThat(requests[0]).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1\r\nab\r\n",
        "1\r\na\r\r\n",
        "1\nab\n",
        "+1\r\na\r\n",
        "g\r\na\r\n",
        "\r\na\r\n"
      })
  void a_malformed_chunk_among_small_ones_is_refused(String chunk) {
    String head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    List<Boolean> good = new ArrayList<>();
    Embedded.read(
        channel,
        head + "1\r\na\r\n".repeat(20) + chunk + "1\r\na\r\n".repeat(20) + "0\r\n\r\n",
        100_000,
        each -> {
          if (each instanceof HttpContent content) {
            good.add(content.decoderResult().isSuccess());
          }
        });
    channel.finishAndReleaseAll();
    assertThat(good).contains(false);
  }

  @Test
  void what_is_kept_is_known() {
    RequestDecoder decoder = channel.pipeline().get(RequestDecoder.class);
    assertThat(decoder.undecoded()).isZero();
    assertThat(decoder.heads()).isZero();
    Embedded.read(channel, "GET / HTTP/1.1\r\nHost: h\r\n", 1000, each -> {});
    // Netty makes a field of a line once the next one begins.
    assertThat(decoder.undecoded()).as("a head that is not complete").isEqualTo(9 + 3);
    Embedded.read(channel, "X: " + "x".repeat(3000), 10_000, each -> {});
    assertThat(decoder.undecoded()).as("with a part of a line").isBetween(3000L, 10_000L);
    Embedded.read(channel, "\r\n\r\n", 1000, each -> {});
    assertThat(decoder.undecoded()).isZero();
    long bytes = "Host: h\r\n".length() + 3 + 3000 + 4;
    // The head itself with two fields and its target, and the buffer for its lines.
    assertThat(decoder.heads()).isEqualTo(bytes + 2 * 160 + 3 + bytes);
    Embedded.read(channel, GOOD, 1000, each -> {});
    assertThat(decoder.heads()).as("two heads").isEqualTo(2 * (32 + 3 * 160 + 6) + bytes);
    channel.finishAndReleaseAll();
  }

  @Test
  void what_is_kept_of_trailers_is_known_until_they_end() {
    RequestDecoder decoder = channel.pipeline().get(RequestDecoder.class);
    String head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    Embedded.read(channel, head + "1\r\na\r\n0\r\n", 1000, each -> {});
    assertThat(decoder.undecoded()).isZero();
    Embedded.read(channel, "a:b\r\n".repeat(100), 1000, each -> {});
    assertThat(decoder.undecoded()).isEqualTo(100 * (5 + 160));
    Embedded.read(channel, "\r\n", 1000, each -> {});
    assertThat(decoder.undecoded()).isZero();
    channel.finishAndReleaseAll();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "2\r\na", "3"})
  void nothing_is_read_behind_small_chunks_unless_somebody_asks(String part) {
    AtomicInteger reads = reads();
    String head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    Embedded.read(channel, head, 1000, each -> {});
    channel.config().setAutoRead(false);
    reads.set(0);
    Embedded.read(channel, "1\r\na\r\n".repeat(20) + part, 1000, each -> {});
    assertThat(reads).hasValue(0);
    channel.finishAndReleaseAll();
  }

  @Test
  void a_chunk_that_is_alone_in_its_read_is_not_kept() {
    List<Object> seen = new ArrayList<>();
    String head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
    Embedded.read(channel, head, 1000, seen::add);
    Embedded.read(channel, "3\r\nabc\r\n", 1000, seen::add);
    assertThat(seen).hasSize(2);
    channel.finishAndReleaseAll();
  }

  @Test
  void a_body_behind_many_small_chunks_is_read_as_usual() {
    ReadSize.on(channel);
    var reads = channel.config().getRecvByteBufAllocator().newHandle();
    int usual = reads.guess();
    String chunks =
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "1\r\na\r\n".repeat(200);
    Embedded.read(channel, chunks, chunks.length(), each -> {});
    assertThat(reads.guess()).isNotEqualTo(usual);
    Embedded.read(channel, "0\r\n\r\n", 5, each -> {});
    channel.writeOutbound(
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.NO_CONTENT));
    Embedded.read(
        channel, "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nab", 99, each -> {});
    assertThat(reads.guess()).isEqualTo(usual);
    channel.finishAndReleaseAll();
  }
}
