package dev.understudy.proxy.compress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.PoolId;
import dev.understudy.proxy.engine.Downstream;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Recorder;
import dev.understudy.testing.TestRequests;
import dev.understudy.traffic.Limit;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag(Extent.FULL)
class CompressedDownstreamTest {
  private final Recorder told = new Recorder();
  private final Client client = new Client();

  /** Keeps what it is given, and the names of all other calls. */
  private static final class Client {
    final Downstream side =
        (Downstream)
            Proxy.newProxyInstance(
                Client.class.getClassLoader(), new Class<?>[] {Downstream.class}, this::call);
    HttpResponse head;
    final ByteArrayOutputStream body = new ByteArrayOutputStream();
    final List<String> calls = new ArrayList<>();
    boolean writable = true;

    /** What happens when a piece of the body comes. */
    Runnable onBody = () -> {};

    private @Nullable Object call(Object proxy, Method method, Object[] arguments) {
      switch (method.getName()) {
        case "head" -> head = (HttpResponse) arguments[0];
        case "body" -> {
          ByteBuf data = (ByteBuf) arguments[0];
          body.writeBytes(ByteBufUtil.getBytes(data));
          data.release();
          onBody.run();
        }
        case "isWritable", "isHeadWelcome" -> {
          return writable;
        }
        default -> calls.add(method.getName());
      }
      return null;
    }

    byte[] unzipped() throws IOException {
      return new GZIPInputStream(new ByteArrayInputStream(body.toByteArray())).readAllBytes();
    }

    /** What a client sees of a response that has not ended. */
    byte[] unzippedSoFar(int length) throws IOException {
      return new GZIPInputStream(new ByteArrayInputStream(body.toByteArray())).readNBytes(length);
    }
  }

  private Downstream over(HttpMethod method, HttpVersion version, boolean accepted) {
    return over(client, method, version, accepted);
  }

  private Downstream over(Client to, HttpMethod method, HttpVersion version, boolean accepted) {
    ProxyRequest request =
        TestRequests.request(
            () -> "r",
            new PoolId("p"),
            null,
            method,
            "/",
            version,
            new DefaultHttpHeaders(),
            false,
            null,
            TestRequests.client(new InetSocketAddress("192.0.2.1", 1), 80, false));
    return new CompressedDownstream(
        to.side, Compression.of(Map.<String, String>of()::get), accepted, request, told);
  }

  private Downstream over() {
    return over(HttpMethod.GET, HttpVersion.HTTP_1_1, true);
  }

  private static HttpResponse head(int status, String... fields) {
    HttpResponse head =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
    for (String field : fields) {
      int colon = field.indexOf(':');
      head.headers().add(field.substring(0, colon), field.substring(colon + 1).trim());
    }
    return head;
  }

  private static HttpResponse page() {
    return head(200, "Content-Type: text/html");
  }

  private static byte[] bytes(Random random, int length, boolean text) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    for (int i = 0; text && i < length; i++) {
      bytes[i] = (byte) ('a' + (bytes[i] & 3));
    }
    return bytes;
  }

  @Test
  void pieces_and_flushes_of_any_size_arrive_whole() throws IOException {
    Random random = new Random(5);
    for (int round = 0; round < Extent.rounds(60); round++) {
      client.body.reset();
      Downstream over = over();
      over.head(page());
      ByteArrayOutputStream sent = new ByteArrayOutputStream();
      int pieces = random.nextInt(20);
      for (int i = 0; i < pieces; i++) {
        byte[] piece = bytes(random, random.nextInt(40_000), round % 3 > 0);
        sent.write(piece);
        ByteBuf data = Unpooled.wrappedBuffer(piece);
        over.body(
            i % 4 == 0
                ? ByteBufAllocator.DEFAULT
                    .compositeBuffer()
                    .addComponent(true, data.readRetainedSlice(piece.length / 2))
                    .addComponent(true, data)
                : data);
        if (random.nextBoolean()) {
          over.flush();
          assertThat(client.unzippedSoFar(sent.size())).isEqualTo(sent.toByteArray());
        }
      }
      over.end(EmptyHttpHeaders.INSTANCE);
      assertThat(client.unzipped()).isEqualTo(sent.toByteArray());
      assertThat(over.saved()).isEqualTo(sent.size() - client.body.size());
    }
    assertThat(Deflaters.SHARED.used()).isZero();
  }

  static Stream<Arguments> ends() {
    return Stream.<Consumer<Downstream>>of(
            over -> over.end(EmptyHttpHeaders.INSTANCE),
            Downstream::bodyEnds,
            Downstream::breakOff,
            Downstream::abort,
            Downstream::gone)
        .map(Arguments::of);
  }

  @ParameterizedTest
  @MethodSource("ends")
  void every_end_gives_the_memory_back(Consumer<Downstream> end) {
    for (int i = 0; i < Extent.rounds(1_000); i++) {
      Downstream over = over();
      over.head(page());
      assertThat(client.head.headers().get("content-encoding")).isEqualTo("gzip");
      over.body(Unpooled.wrappedBuffer(new byte[3_000]));
      assertThat(Deflaters.SHARED.used()).isEqualTo(1);
      end.accept(over);
      end.accept(over);
      assertThat(Deflaters.SHARED.used()).isZero();
    }
  }

  @Test
  void a_client_that_goes_within_a_piece_does_not_disturb_the_next_streams() throws IOException {
    Random random = new Random(7);
    Map<Client, Downstream> others = new LinkedHashMap<>();
    // More than wait to be used again.
    for (int i = 0; i < 20; i++) {
      Client other = new Client();
      others.put(other, over(other, HttpMethod.GET, HttpVersion.HTTP_1_1, true));
    }
    Downstream over = over();
    client.onBody =
        () -> {
          client.onBody = () -> {};
          over.gone();
          others.values().forEach(each -> each.head(page()));
        };
    over.head(page());
    over.body(
        ByteBufAllocator.DEFAULT
            .compositeBuffer()
            .addComponent(true, Unpooled.wrappedBuffer(bytes(random, 40_000, false)))
            .addComponent(true, Unpooled.wrappedBuffer(bytes(random, 40_000, false))));
    over.flush();
    byte[] page = bytes(random, 20_000, true);
    for (Map.Entry<Client, Downstream> each : others.entrySet()) {
      each.getValue().body(Unpooled.wrappedBuffer(page));
      each.getValue().end(EmptyHttpHeaders.INSTANCE);
      assertThat(each.getKey().unzipped()).isEqualTo(page);
    }
    assertThat(Deflaters.SHARED.used()).isZero();
  }

  @Test
  void what_came_of_a_broken_response_is_delivered_without_its_end() throws IOException {
    Downstream over = over();
    over.head(page());
    over.body(Unpooled.wrappedBuffer(new byte[3_000]));
    over.breakOff();
    assertThat(client.unzippedSoFar(3_000)).hasSize(3_000);
    assertThat(client.calls).containsExactly("breakOff");
  }

  @Test
  void beyond_the_bound_responses_are_not_compressed_and_that_is_counted() {
    List<Downstream> open = new ArrayList<>();
    for (int i = 0; i < Deflaters.MOST; i++) {
      Downstream over = over();
      over.head(page());
      open.add(over);
    }
    Downstream over = over();
    over.head(page());
    assertThat(client.head.headers().contains("content-encoding")).isFalse();
    assertThat(client.head.headers().get("vary")).isEqualToIgnoringCase("accept-encoding");
    assertThat(told.limits).containsExactly(Limit.COMPRESSIONS);
    open.forEach(Downstream::abort);
    assertThat(Deflaters.SHARED.used()).isZero();
  }

  @Test
  void backpressure_is_the_clients() {
    Downstream over = over();
    assertThat(over.isWritable()).isTrue();
    client.writable = false;
    assertThat(over.isWritable()).isFalse();
    assertThat(over.isHeadWelcome()).isFalse();
  }

  @Test
  void the_head_says_what_the_body_is() {
    Downstream over = over();
    over.head(
        head(
            200,
            "Content-Type: Text/HTML; charset=utf-8",
            "Content-Length: 5000",
            "ETag: \"x\"",
            "Accept-Ranges: bytes",
            "Vary: Origin"));
    over.abort();
    HttpHeaders fields = client.head.headers();
    assertThat(fields.get("content-encoding")).isEqualTo("gzip");
    assertThat(fields.contains("content-length")).isFalse();
    assertThat(fields.contains("accept-ranges")).isFalse();
    assertThat(fields.get("etag")).isEqualTo("W/\"x\"");
    assertThat(fields.getAll("vary")).containsExactly("Origin", "accept-encoding");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Type: image/png", "Content-Type: text/event-stream",
        "Content-Encoding: br", "Content-Range: bytes 0-9/99",
        "Cache-Control: public, no-transform", "Content-Length: 255",
        "Content-Length: 0", "Repr-Digest: x"
      })
  void other_responses_stay_as_they_are(String field) {
    HttpResponse head = page();
    int colon = field.indexOf(':');
    head.headers().set(field.substring(0, colon), field.substring(colon + 2));
    HttpHeaders before = head.headers().copy();
    over().head(head);
    assertThat(client.head.headers()).isEqualTo(before);
    assertThat(Deflaters.SHARED.used()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {204, 205, 206})
  void responses_without_a_whole_body_stay_as_they_are(int status) {
    over().head(head(status, "Content-Type: text/html"));
    assertThat(client.head.headers().contains("content-encoding")).isFalse();
    assertThat(client.head.headers().contains("vary")).isFalse();
  }

  @Test
  void clients_that_do_not_take_it_learn_that_the_response_varies() {
    for (Downstream over :
        List.of(
            over(HttpMethod.GET, HttpVersion.HTTP_1_1, false),
            over(HttpMethod.HEAD, HttpVersion.HTTP_1_1, true),
            over(HttpMethod.GET, HttpVersion.HTTP_1_0, true))) {
      over.head(head(200, "Content-Type: text/html", "Content-Length: 5000", "ETag: \"x\""));
      assertThat(client.head.headers().get("vary")).isEqualToIgnoringCase("accept-encoding");
      assertThat(client.head.headers().contains("content-encoding")).isFalse();
      assertThat(client.head.headers().get("content-length")).isEqualTo("5000");
      assertThat(client.head.headers().get("etag")).isEqualTo("\"x\"");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gzip | true",
        "deflate, GZIP;q=0.5 | true",
        "x-gzip | true",
        "br, * | true",
        "gzip;q=0 | false",
        "gzip; q=0.000, * | false",
        "*;q=0 | false",
        "br, deflate, identity | false",
        "gzipped | false",
        "'' | false"
      })
  void accept_encoding_decides(String value, boolean accepted) {
    assertThat(Compression.accepts(List.of(value))).isEqualTo(accepted);
  }

  @Test
  void without_accept_encoding_nothing_is_compressed() {
    assertThat(Compression.accepts(List.of())).isFalse();
    assertThat(Compression.accepts(List.of("br", "gzip"))).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "application/json, true",
    "application/problem+json;a=b, true",
    "image/svg+xml, true",
    "application/octet-stream, false",
    "application/zip, false",
    "textual/html, false"
  })
  void the_default_types_are_texts(String type, boolean compressed) {
    Downstream over = over();
    over.head(head(200, "Content-Type: " + type));
    assertThat(client.head.headers().contains("content-encoding")).isEqualTo(compressed);
    over.abort();
  }
}
