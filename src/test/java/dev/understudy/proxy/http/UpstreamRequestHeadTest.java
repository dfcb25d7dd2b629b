package dev.understudy.proxy.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.snapshot.PoolState;
import dev.understudy.testing.Rows;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestRequests;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class UpstreamRequestHeadTest {
  private HttpHeaders from = new DefaultHttpHeaders().set("Host", "h");
  private String peer = "192.0.2.1";
  private long epoch = PoolState.NO_EPOCH;

  private HttpHeaders build(HttpMethod method, boolean body) throws Exception {
    PoolState pool = TestPools.pool().master("a", 1001).backup("b", 1002).start().state();
    var client =
        TestRequests.client(new InetSocketAddress(InetAddress.getByName(peer), 5), 443, true);
    var request =
        TestRequests.request(
            () -> "r",
            TestPools.POOL,
            null,
            method,
            "/",
            HttpVersion.HTTP_1_1,
            from,
            body,
            null,
            client);
    HeadWriter to = new HeadWriter();
    UpstreamRequestHead.write(
        request, pool, pool.servers().getFirst(), epoch, "id", TrustedProxies.NONE, to);
    var reader = new EmbeddedChannel(new HttpRequestDecoder());
    reader.writeInbound(to.end(ByteBufAllocator.DEFAULT));
    HttpRequest written = reader.readInbound();
    reader.finishAndReleaseAll();
    assertThat(written.decoderResult().isSuccess()).isTrue();
    return written.headers();
  }

  /** A field of the request, if any, the method, and what field a server gets of it, or none. */
  @Rows(
      """
      epoch: 7          | GET  | understudy-epoch: 7
                        | GET  | understudy-epoch
      # a body of unknown length is chunked
      transfer-encoding: chunked | body | transfer-encoding: chunked
      transfer-encoding: chunked | body | content-length
      # a POST without a body says so, and a GET says nothing
                        | POST | content-length: 0
                        | GET  | content-length
      # an IPv6 client is quoted where the grammar wants it
      peer: 2001:db8::1 | GET  | x-forwarded-for: 2001:db8::1
      peer: 2001:db8::1 | GET  | forwarded: for="[2001:db8::1]";host=h;proto=https
      # only trailers of TE goes on, with its connection option
      te: gzip, trailers | GET | te: trailers
      te: gzip, trailers | GET | connection: te
      # a request without a host gets the server's
      host              | GET  | host: 127.0.0.1:1001
      """)
  void a_server_gets(@Nullable String given, String method, String expected) throws Exception {
    if (given != null) {
      String[] field = given.split(": ");
      switch (field[0]) {
        case "epoch" -> epoch = Long.parseLong(field[1]);
        case "peer" -> peer = field[1];
        case "host" -> from.remove("host");
        default -> from.set(field[0], field[1]);
      }
    }
    boolean body = method.equals("body");
    HttpHeaders to = build(body ? HttpMethod.POST : HttpMethod.valueOf(method), body);
    String[] field = expected.split(": ");
    assertThat(to.getAll(field[0])).isEqualTo(field.length == 1 ? List.of() : List.of(field[1]));
  }

  static Stream<String> ours() {
    return Stream.concat(
        UpstreamRequestHead.OUR_NAMES.stream().map(AsciiString::toString),
        Stream.of("understudy-epoch", "x-http2-stream-id"));
  }

  /** As lines that are copied whole, where most names are not looked at, and one by one. */
  @ParameterizedTest
  @MethodSource("ours")
  void our_own_fields_are_never_copied(String name) throws Exception {
    for (String as : List.of(name, name.toUpperCase(Locale.ROOT))) {
      PlainHeaders plain = plain("Host: h\r\n" + as + ": theirs\r\nX-Other: kept\r\n");
      for (HttpHeaders each : List.of(plain, new DefaultHttpHeaders().add(plain))) {
        from = each;
        HttpHeaders to = build(HttpMethod.GET, false);
        assertThat(to.getAll(name)).doesNotContain("theirs");
        assertThat(to.get("x-other")).isEqualTo("kept");
      }
    }
  }

  private static PlainHeaders plain(String lines) {
    ByteBuf in = Unpooled.copiedBuffer("GET / HTTP/1.1\r\n" + lines + "\r\n", US_ASCII);
    PlainHead head = PlainHead.at(in);
    in.release();
    assertThat(head).isNotNull();
    assertThat(head.headers().isPlain()).isTrue();
    return head.headers();
  }
}
