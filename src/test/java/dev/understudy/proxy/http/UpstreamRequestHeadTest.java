package dev.understudy.proxy.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.monitor.PoolState;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class UpstreamRequestHeadTest {
  private HttpHeaders from = new DefaultHttpHeaders().set("Host", "h");
  private String peer = "192.0.2.1";
  private int server;

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
        request, pool, pool.servers().get(server), "id", TrustedProxies.NONE, to);
    var reader = new EmbeddedChannel(new HttpRequestDecoder());
    reader.writeInbound(to.end(ByteBufAllocator.DEFAULT));
    HttpRequest written = reader.readInbound();
    reader.finishAndReleaseAll();
    assertThat(written.decoderResult().isSuccess()).isTrue();
    return written.headers();
  }

  @Test
  void only_the_serving_server_gets_the_epoch() throws Exception {
    assertThat(build(HttpMethod.GET, false).get("understudy-epoch")).isEqualTo("1");
    server = 1;
    assertThat(build(HttpMethod.GET, false).contains("understudy-epoch")).isFalse();
  }

  @Test
  void a_body_of_unknown_length_is_chunked() throws Exception {
    from.set("Transfer-Encoding", "chunked");
    HttpHeaders to = build(HttpMethod.POST, true);
    assertThat(to.getAll("transfer-encoding")).containsExactly("chunked");
    assertThat(to.contains("content-length")).isFalse();
  }

  @Test
  void a_post_without_a_body_says_so_and_a_get_says_nothing() throws Exception {
    assertThat(build(HttpMethod.POST, false).get("content-length")).isEqualTo("0");
    assertThat(build(HttpMethod.GET, false).contains("content-length")).isFalse();
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

  @Test
  void an_ipv6_client_is_quoted_where_the_grammar_wants_it() throws Exception {
    peer = "2001:db8::1";
    HttpHeaders to = build(HttpMethod.GET, false);
    assertThat(to.get("x-forwarded-for")).isEqualTo("2001:db8::1");
    assertThat(to.get("forwarded")).isEqualTo("for=\"[2001:db8::1]\";host=h;proto=https");
  }

  @Test
  void only_trailers_of_te_goes_on_with_its_connection_option() throws Exception {
    from.set("TE", "gzip, trailers");
    HttpHeaders to = build(HttpMethod.GET, false);
    assertThat(to.get("te")).isEqualTo("trailers");
    assertThat(to.get("connection")).isEqualToIgnoringCase("te");
  }

  @Test
  void a_request_without_a_host_gets_the_servers() throws Exception {
    from.remove("Host");
    assertThat(build(HttpMethod.GET, false).get("host")).isEqualTo("127.0.0.1:1001");
  }
}
