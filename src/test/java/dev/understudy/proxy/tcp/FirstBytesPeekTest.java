package dev.understudy.proxy.tcp;

import static dev.understudy.proxy.tcp.Sockets.receive;
import static dev.understudy.proxy.tcp.Sockets.send;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.FirstBytes;
import dev.understudy.pool.Listener;
import dev.understudy.pool.PoolId;
import dev.understudy.proxy.listener.TcpRig;
import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Scenario;
import dev.understudy.testing.Scenario.Words;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
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
        false,
        null,
        null);
  }

  private static final String ALL = "tls=web ssh=ssh http=plain 0x0300=rdp 0x474956=give";

  private static byte[] sent(String client) throws Exception {
    if (client.startsWith("TLS")) {
      return clientHello(client.substring(3).strip());
    }
    if (client.startsWith("CUT ")) {
      String[] words = client.split(" ");
      return cut(clientHello(words[1]), words[2], words[3]);
    }
    return client.translateEscapes().getBytes(ISO_8859_1);
  }

  /**
   * A ClientHello behind other records, and with others between its parts.
   *
   * @param before and {@code between} records in hexadecimal, or a hyphen for none
   */
  private static byte[] cut(byte[] hello, String before, String between) {
    ByteBuf out = Unpooled.buffer();
    out.writeBytes(records(before));
    int step = before.equals("-") ? 7 : hello.length;
    for (int at = 5; at < hello.length; at += step) {
      int length = Math.min(step, hello.length - at);
      out.writeBytes(at == 5 ? new byte[0] : records(between));
      out.writeByte(0x16).writeShort(0x0301).writeShort(length).writeBytes(hello, at, length);
    }
    return ByteBufUtil.getBytes(out);
  }

  private static byte[] records(String hex) {
    return hex.equals("-") ? new byte[0] : HexFormat.of().parseHex(hex);
  }

  private static byte[] clientHello(String name) throws Exception {
    SSLEngine engine = SSLContext.getDefault().createSSLEngine();
    engine.setUseClientMode(true);
    // The JDK sends no name with a dot at its end.
    String sent = name.endsWith(".") ? name.substring(0, name.length() - 1) + "z" : name;
    if (!name.isEmpty()) {
      SSLParameters parameters = engine.getSSLParameters();
      parameters.setServerNames(List.of(new SNIHostName(sent)));
      engine.setSSLParameters(parameters);
    }
    ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    engine.wrap(ByteBuffer.allocate(0), hello);
    byte[] bytes = new byte[hello.flip().remaining()];
    hello.get(bytes);
    return new String(bytes, ISO_8859_1).replace(sent, name).getBytes(ISO_8859_1);
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
    "TLS chat.example. | chat",
    "CUT chat.example - - | chat",
    "CUT chat.example - 1603010000 | chat",
    "CUT chat.example - 15030100020164 | chat",
    "CUT chat.example - 140303000101 | chat",
    "CUT chat.example 1603010000 - | chat",
    "CUT chat.example 16030100001603010000 - | chat",
    "CUT chat.example 15030100020164 - | chat",
    "CUT chat.example 1503010000 - | chat",
    "CUT chat.example 140303000101 - | chat",
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

  @Override
  void step(Words words) throws Exception {
    switch (words.at(0)) {
      // What a listener awaits, where protocols lead, and where all others do.
      case "short", "long" -> {
        Duration delay = words.at(0).equals("short") ? SHORT : LONG;
        String pool = words.at(2).equals("-") ? null : words.at(2);
        start(listener(delay, words.at(3).equals("header"), words.at(1).replace(',', ' '), pool));
      }
      default -> super.step(words);
    }
  }

  @Scenario.Each(
"""
a client that sends byte by byte is served with all of them
  long ssh=served,tls=web - header; connect
  c drips PROXY\\sTCP4\\s192.0.2.7\\s192.0.2.1\\s4711\\s5432\\r\\nSSH-2.0-OpenSSH_9\\r\\n
  accept a; s gets SSH-2.0-OpenSSH_9\\r\\n; s passes SSH-2.0-server; c shuts; s ends |FIN
  s sends rest; s closes; c ends rest|FIN
a client that ends its output early is served with what it sent
  long tls=served,ssh=ssh served; connect; c sends S; c shuts; accept a; s ends S|FIN
  s sends answer; s closes; c ends answer|FIN
a client that ends its output within a ClientHello is served with what it sent
  long tls=served,ssh=ssh served; connect; c sends \\26\\3\\1; c shuts; accept a
  s ends \\26\\3\\1|FIN; s sends answer; s closes; c ends answer|FIN
a client that awaits the server's first bytes is served after the inspect delay
  short tls=web,ssh=ssh served; connect; accept a; s passes 220; c passes EHLO
a client that awaits them behind a byte is, too
  short tls=web,ssh=ssh served; connect; c sends S; accept a; s passes 220
  c sends EHLO; s gets SEHLO
a client that awaits them behind the begin of a ClientHello is, too
  short tls=served,ssh=ssh served; connect; c sends \\26\\3\\1; accept a; s passes 220
  c sends EHLO; s gets \\26\\3\\1EHLO
a silent client is closed without a pool for it
  short tls=served,ssh=served -; connect; c over; end REFUSED; unasked a
a client of no protocol is closed without a pool for it
  long tls=served,ssh=served -; connect; c sends EHLO\\smail.example\\r\\n; c over
  end REFUSED; unasked a
a client whose server is awaited is held with its bytes
  long ssh=served rest; serves nobody; connect; c sends SSH-2.0-early; held
  serves a; accept a; s gets SSH-2.0-early
""")
  void a_client_is_served(Scenario scenario) {
    play(scenario);
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
