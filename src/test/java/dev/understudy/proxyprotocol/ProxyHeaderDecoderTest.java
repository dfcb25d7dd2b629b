package dev.understudy.proxyprotocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyHeaderDecoderTest {
  private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";
  private static final String V4 = "c0000207 c6336409 1000 0050";
  private static final String MAPPED =
      "00000000000000000000ffffc0000207 00000000000000000000ffffc6336409 1000 0050";

  /** What is found: a client, or "peer"; empty while more is awaited. */
  private final List<String> found = new ArrayList<>();

  private final EmbeddedChannel channel =
      new EmbeddedChannel(new ProxyHeaderDecoder(this::found, () -> found.add("refused")));

  private void found(ClientProxyHeader header) {
    found.add(header == null ? "peer" : text(header.source()) + " " + text(header.destination()));
  }

  private static String text(InetSocketAddress end) {
    return end.getAddress().getHostAddress() + ":" + end.getPort();
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  private String passed() {
    StringBuilder all = new StringBuilder();
    for (ByteBuf each = channel.readInbound(); each != null; each = channel.readInbound()) {
      all.append(each.toString(ISO_8859_1));
      each.release();
    }
    return all.toString();
  }

  /** Writes the header and what follows it, cut at each place in turn. */
  private void assertRead(byte[] header, String expected) {
    for (int cut = 0; cut <= header.length; cut++) {
      found.clear();
      EmbeddedChannel each =
          new EmbeddedChannel(new ProxyHeaderDecoder(this::found, () -> found.add("refused")));
      each.writeInbound(Unpooled.copiedBuffer(header, 0, cut));
      assertThat(found).hasSize(cut == header.length ? 1 : 0);
      each.writeInbound(
          Unpooled.wrappedBuffer(
              Unpooled.copiedBuffer(header, cut, header.length - cut),
              Unpooled.copiedBuffer("rest", ISO_8859_1)));
      assertThat(found).containsExactly(expected);
      assertThat(each.pipeline().get(ProxyHeaderDecoder.class)).isNull();
      ByteBuf rest = each.readInbound();
      assertThat(rest.toString(ISO_8859_1)).isEqualTo("rest");
      rest.release();
    }
  }

  private void assertRefused(byte[] header) {
    channel.writeInbound(Unpooled.copiedBuffer(header));
    assertThat(found).containsExactly("refused");
    assertThat(passed()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "TCP4 192.0.2.7 198.51.100.9 4096 80, 192.0.2.7:4096 198.51.100.9:80",
    "TCP4 192.0.2.7 198.51.100.9 0 65535, 192.0.2.7:0 198.51.100.9:65535",
    "TCP6 2001:db8::7 ::1 4096 80, 2001:db8:0:0:0:0:0:7:4096 0:0:0:0:0:0:0:1:80",
    "TCP6 ::ffff:192.0.2.7 ::ffff:198.51.100.9 1 2, 192.0.2.7:1 198.51.100.9:2",
    "TCP6 ::192.0.2.7 2001:db8::1 1 2, 192.0.2.7:1 2001:db8:0:0:0:0:0:1:2",
    "UNKNOWN, peer",
    "UNKNOWN ffff::1 ffff::2 1 2, peer",
  })
  void a_line_names_the_client(String line, String expected) {
    assertRead(("PROXY " + line + "\r\n").getBytes(ISO_8859_1), expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PROXY TCP4 192.0.2.7 198.51.100.9 +1234 80\\r\\n",
        "PROXY TCP4 192.0.2.7 198.51.100.9 -1 80\\r\\n",
        "PROXY TCP4 192.0.2.7 198.51.100.9 65536 80\\r\\n",
        "PROXY TCP4 192.0.2.7 198.51.100.9 99999999999 80\\r\\n",
        "PROXY TCP4 192.0.2.7 198.51.100.9 080 80\\r\\n",
        "PROXY TCP4 192.0.2.7 198.51.100.9  80\\r\\n",
        "PROXY TCP4 192.0.2.7 198.51.100.9 80\\r\\n",
        "PROXY TCP4 192.0.2.7 198.51.100.9 1 80 \\r\\n",
        "PROXY TCP4 192.0.2.7 198.51.100.9 1 80 9\\r\\n",
        "PROXY TCP4  192.0.2.7 198.51.100.9 1 80\\r\\n",
        "PROXY TCP4 192.0.2.7 198.51.100.9 1 80\\n",
        "PROXY TCP4 192.0.2.07 198.51.100.9 1 80\\r\\n",
        "PROXY TCP4 192.0.2 198.51.100.9 1 80\\r\\n",
        "PROXY TCP4 ::1 ::1 1 80\\r\\n",
        "PROXY TCP4 a.example 198.51.100.9 1 80\\r\\n",
        "PROXY TCP6 192.0.2.7 198.51.100.9 1 80\\r\\n",
        "PROXY TCP6 fe80::1%eth0 ::1 1 80\\r\\n",
        "PROXY TCP6 ::1 fe80::1%1 1 80\\r\\n",
        "PROXY TCP6 [::1] ::1 1 80\\r\\n",
        "PROXY UDP4 192.0.2.7 198.51.100.9 1 80\\r\\n",
        "PROXY tcp4 192.0.2.7 198.51.100.9 1 80\\r\\n",
        "PROXY UNKNOWNX\\r\\n",
        "PROXY \\r\\n",
        "PROXX",
        "proxy TCP4",
        "GET / HTTP/1.1\\r\\n",
        "\\r\\n\\r\\n\\r",
        "\\26\\3\\1",
      })
  void what_is_no_header_is_refused(String text) {
    assertRefused(text.translateEscapes().getBytes(ISO_8859_1));
  }

  @Test
  void a_line_without_an_end_is_refused() {
    assertRefused(("PROXY UNKNOWN " + "x".repeat(107)).getBytes(ISO_8859_1));
  }

  @ParameterizedTest
  @CsvSource({
    "21 11 000c " + V4 + ", 192.0.2.7:4096 198.51.100.9:80",
    "21 21 0024 " + MAPPED + ", 192.0.2.7:4096 198.51.100.9:80",
    "21 11 000f " + V4 + " 04 0000, 192.0.2.7:4096 198.51.100.9:80",
    "21 11 0011 " + V4 + " e0 0002 0102, 192.0.2.7:4096 198.51.100.9:80",
    "20 00 0000, peer",
    "20 11 000c " + V4 + ", peer",
    "20 11 0001 01, peer",
    "21 00 0000, peer",
    "21 12 000c " + V4 + ", peer",
    "21 31 0002 0102, peer",
  })
  void a_binary_header_names_the_client(String fields, String expected) {
    assertRead(bytes(SIGNATURE + fields), expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "31 11 000c " + V4,
        "11 11 000c " + V4,
        "22 11 000c " + V4,
        "21 11 000b c0000207 c6336409 1000 00",
        "21 21 000c " + V4,
        "21 11 000d " + V4 + " 04",
        "21 11 000e " + V4 + " 04 00",
        "21 11 000f " + V4 + " 04 0001",
        "21 11 000f " + V4 + " 04 ffff",
        "21 11 0010 " + V4 + " 04 0000 05",
        "21 11 0013 " + V4 + " 03 0004 00000000",
        "21 11 0010 " + V4 + " 03 0001 00",
        "21 11 ffff",
      })
  void a_malformed_binary_header_is_refused(String fields) {
    assertRefused(bytes(SIGNATURE + fields));
  }

  @Test
  void a_right_checksum_is_taken() {
    byte[] header = bytes(SIGNATURE + "21 11 0013 " + V4 + " 03 0004 00000000");
    CRC32C sum = new CRC32C();
    sum.update(header);
    byte[] own = HexFormat.of().parseHex(HexFormat.of().toHexDigits((int) sum.getValue()));
    System.arraycopy(own, 0, header, header.length - 4, 4);
    assertRead(header, "192.0.2.7:4096 198.51.100.9:80");
  }
}
