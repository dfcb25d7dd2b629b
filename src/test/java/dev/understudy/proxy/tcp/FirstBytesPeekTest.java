package dev.understudy.proxy.tcp;

import static dev.understudy.proxy.tcp.Sockets.receive;
import static dev.understudy.proxy.tcp.Sockets.rest;
import static dev.understudy.proxy.tcp.Sockets.send;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.FirstBytes;
import dev.understudy.pool.Listener;
import dev.understudy.pool.PoolId;
import dev.understudy.proxy.listener.TcpRig;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.Transport;
import dev.understudy.traffic.ConnectionEnd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients of several protocols on one port, told apart by what they send first. */
@ParameterizedClass
@MethodSource(Transport.TESTED)
@Tag(Extent.FULL)
class FirstBytesPeekTest extends Relayed {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofMillis(200);

  /** Pools that there are not lead nowhere, which the end of a connection tells. */
  private static PoolId to(String name) {
    return name.equals("served") ? TestPools.POOL : new PoolId(name);
  }

  private static Listener listener(Duration delay, boolean header, String protocols, String pool) {
    Map<FirstBytes, PoolId> table = new LinkedHashMap<>();
    for (String each : protocols.split(" ")) {
      String[] row = each.split("=");
      table.put(new FirstBytes(row[0]), to(row[1]));
    }
    return new Listener(
        "pg",
        "127.0.0.1",
        0,
        pool == null ? null : to(pool),
        Map.of("chat.example", to("chat")),
        table,
        delay,
        header,
        null);
  }

  private static final String ALL = "tls=web ssh=ssh http=plain 0x0300=rdp 0x474956=give";

  private static byte[] sent(String client) throws Exception {
    return client.startsWith("TLS")
        ? clientHello(client.substring(3).strip())
        : client.translateEscapes().getBytes(ISO_8859_1);
  }

  private static byte[] clientHello(String name) throws Exception {
    SSLEngine engine = SSLContext.getDefault().createSSLEngine();
    engine.setUseClientMode(true);
    if (!name.isEmpty()) {
      SSLParameters parameters = engine.getSSLParameters();
      parameters.setServerNames(List.of(new SNIHostName(name)));
      engine.setSSLParameters(parameters);
    }
    ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    engine.wrap(ByteBuffer.allocate(0), hello);
    byte[] bytes = new byte[hello.flip().remaining()];
    hello.get(bytes);
    return bytes;
  }

  /** What a peek finds, and what passes it. */
  private static final class Peeked {
    private final List<String> found = new ArrayList<>();
    private final EmbeddedChannel channel;

    Peeked(String protocols) {
      TcpListenerContext front =
          new TcpListenerContext(listener(LONG, false, protocols, "rest"), null);
      channel =
          new EmbeddedChannel(
              new FirstBytesPeek(
                  front, (name, byProtocol) -> found.add(front.pool(name, byProtocol).value())));
    }

    void write(byte[] bytes, int from, int to) {
      channel.writeInbound(Unpooled.copiedBuffer(bytes, from, to - from));
    }

    byte[] passed() {
      ByteBuf all = Unpooled.buffer();
      for (Object each = channel.readInbound(); each != null; each = channel.readInbound()) {
        all.writeBytes((ByteBuf) each);
        ((ByteBuf) each).release();
      }
      byte[] bytes = new byte[all.readableBytes()];
      all.readBytes(bytes);
      return bytes;
    }
  }

  private static final String[] CLIENTS = {
    "TLS chat.example | chat",
    "TLS Chat.Example | chat",
    "TLS other.example | web",
    "TLS | web",
    "SSH-2.0-OpenSSH_9\\r\\n | ssh",
    "GET / HTTP/1.1\\r\\n\\r\\n | plain",
    "GIVE /x HTTP/1.1\\r\\n\\r\\n | give",
    "\\3\\0\\0\\23\\16\\340 | rdp",
    "\\0\\016\\070\\266O\\037 | rest",
    "EHLO mail.example\\r\\n | rest",
    "\\26\\2\\0\\1 | rest",
  };

  static List<String> clients() {
    return List.of(CLIENTS);
  }

  @ParameterizedTest
  @MethodSource("clients")
  void a_client_is_known_wherever_its_bytes_are_cut_and_none_is_lost(String row) throws Exception {
    byte[] sent = sent(row.split(" \\| ")[0]);
    String pool = row.split(" \\| ")[1];
    for (int cut = 1; cut <= sent.length; cut++) {
      Peeked peeked = new Peeked(ALL);
      peeked.write(sent, 0, cut);
      peeked.write(sent, cut, sent.length);
      assertThat(peeked.found).as("cut after %s", cut).containsExactly(pool);
      assertThat(peeked.passed()).as("cut after %s", cut).isEqualTo(sent);
      assertThat(peeked.channel.pipeline().names()).hasSize(1);
    }
    Peeked slow = new Peeked(ALL);
    for (int i = 0; i < sent.length; i++) {
      slow.write(sent, i, i + 1);
    }
    assertThat(slow.found).containsExactly(pool);
    assertThat(slow.passed()).isEqualTo(sent);
  }

  /** A client's bytes so far, and what they lead to at the end of its output. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "S, rest",
    "GI, rest",
    "\\3, rest",
    "\\26, rest",
    "\\26\\3, web",
    "\\26\\3\\1\\0\\0, web",
    "\\26\\3\\1\\1\\0\\1\\0, web",
    "SSH-, ssh",
  })
  void the_bytes_so_far_count_at_the_end_of_a_clients_output(String client, String pool)
      throws Exception {
    byte[] sent = sent(client);
    Peeked peeked = new Peeked(ALL);
    peeked.write(sent, 0, sent.length);
    peeked.channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    assertThat(peeked.found).containsExactly(pool);
    assertThat(peeked.passed()).isEqualTo(sent);
  }

  @Test
  void a_connection_that_is_closed_before_its_client_is_known_leads_nowhere() throws Exception {
    for (String client : List.of("S", "\\26\\3\\1")) {
      Peeked peeked = new Peeked(ALL);
      byte[] sent = sent(client);
      peeked.write(sent, 0, sent.length);
      peeked.channel.close();
      assertThat(peeked.found).isEmpty();
      peeked.passed();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void each_client_reaches_its_pool_after_a_proxy_protocol_header_too(boolean header)
      throws Exception {
    start(listener(LONG, header, ALL, "rest"));
    for (String row : CLIENTS) {
      int before = rig.seen.connections.size();
      client = connect();
      send(client, header ? "PROXY TCP4 192.0.2.7 192.0.2.1 4711 5432\r\n" : "");
      client.getOutputStream().write(sent(row.split(" \\| ")[0]));
      Await.until("it has ended", () -> rig.seen.connections.size() > before);
      assertThat(rig.seen.connection().pool()).isEqualTo(to(row.split(" \\| ")[1]));
    }
  }

  private void start(Listener listener) {
    rig = new TcpRig(transport, alone().start(), listener);
  }

  @Test
  void a_client_that_sends_byte_by_byte_is_served_with_all_of_them() throws Exception {
    start(listener(LONG, true, "ssh=served tls=web", null));
    Socket client = connect();
    client.setTcpNoDelay(true);
    String greeting = "SSH-2.0-OpenSSH_9\r\n";
    for (char each : ("PROXY TCP4 192.0.2.7 192.0.2.1 4711 5432\r\n" + greeting).toCharArray()) {
      send(client, String.valueOf(each));
    }
    Socket server = accept(a);
    assertThat(receive(server, greeting.length())).isEqualTo(greeting);
    passes(server, client, "SSH-2.0-server");
    client.shutdownOutput();
    assertThat(rest(server)).isEqualTo("|FIN");
    send(server, "rest");
    server.close();
    assertThat(rest(client)).isEqualTo("rest|FIN");
  }

  @ParameterizedTest
  @ValueSource(strings = {"S", "\u0016\u0003\u0001"})
  void a_client_that_ends_its_output_early_is_served_with_what_it_sent(String sent)
      throws Exception {
    start(listener(LONG, false, "tls=served ssh=ssh", "served"));
    client = connect();
    send(client, sent);
    client.shutdownOutput();
    server = accept(a);
    assertThat(rest(server)).isEqualTo(sent + "|FIN");
    send(server, "answer");
    server.close();
    assertThat(rest(client)).isEqualTo("answer|FIN");
  }

  @ParameterizedTest
  @CsvSource({"'', web", "S, web", "\u0016\u0003\u0001, served"})
  void a_client_that_awaits_the_servers_first_bytes_is_served_after_the_inspect_delay(
      String sent, String tls) throws Exception {
    start(listener(SHORT, false, "tls=" + tls + " ssh=ssh", "served"));
    client = connect();
    send(client, sent);
    server = accept(a);
    passes(server, client, "220 server first");
    send(client, "EHLO");
    assertThat(receive(server, sent.length() + 4)).isEqualTo(sent + "EHLO");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "EHLO mail.example\r\n"})
  void a_client_of_no_protocol_and_a_silent_one_are_closed_without_a_pool_for_them(String sent)
      throws Exception {
    start(listener(sent.isEmpty() ? SHORT : LONG, false, "tls=served ssh=served", null));
    client = connect();
    send(client, sent);
    assertThat(rest(client)).startsWith("|");
    assertThat(rig.seen.connection().end()).isEqualTo(ConnectionEnd.REFUSED);
    assertThat(a.isAskedWithin(50)).isFalse();
  }

  @Test
  void a_client_whose_server_is_awaited_is_held_with_its_bytes() throws Exception {
    start(listener(LONG, false, "ssh=served", "rest"));
    rig.pools.serve(null);
    send(connect(), "SSH-2.0-early");
    awaitHeld();
    rig.pools.serve("a");
    assertThat(receive(accept(a), 13)).isEqualTo("SSH-2.0-early");
  }

  @Test
  void other_protocols_lead_new_connections_of_the_same_port() throws Exception {
    start(listener(LONG, false, "ssh=served", "rest"));
    Socket first = connect();
    send(first, "SSH-2.0-first");
    Socket server = accept(a);
    assertThat(receive(server, 13)).isEqualTo("SSH-2.0-first");
    int port = rig.port();
    assertThat(rig.use(listener(LONG, false, "http=served ssh=other", "rest"))).isEmpty();
    assertThat(rig.port()).isEqualTo(port);
    send(connect(), "SSH-2.0-next");
    assertThat(rig.seen.connection().pool()).isEqualTo(to("other"));
    passes(first, server, "more");
  }
}
