package dev.understudy;

import static dev.understudy.TestProxy.LANES;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.RawClient;
import dev.understudy.testing.Response;
import dev.understudy.traffic.Limit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One client is one to everything that asks for its address, in whatever form that comes; two are
 * two.
 */
class OneClientTest {
  private static final AtomicInteger NEXT = new AtomicInteger();
  private static final String BINARY = "\r\n\r\n\0\r\nQUIT\n";
  @AutoClose private static TestProxy proxy;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    proxy =
        TestProxy.lanes(
            folder,
            """
            open: [ 'SetRequestHeader=X-Client, {client.address}' ]
            deny: [ 'Deny=403 when client-address(192.0.2.0/24)' ]
            mapped: [ 'Deny=403 when client-address(::ffff:192.0.2.0/120)' ]
            allow: [ 'Deny=403 when not client-address(192.0.2.7)' ]
            six: [ 'Deny=403 when client-address(::/0)' ]
            rate: [ 'RateLimit=1/1d, client-address' ]
            """,
            "understudy.proxy-protocol=on",
            "understudy.client.max-connections-per-address=2",
            "understudy.trusted-proxies=127.0.0.0/8,10.0.0.0/8");
  }

  @AfterEach
  void all_have_left() {
    proxy.rest();
  }

  /** The forms of one IPv4 address. */
  private static List<String> forms(String v4) {
    byte[] bytes = new byte[4];
    String[] parts = v4.split("\\.");
    for (int i = 0; i < 4; i++) {
      bytes[i] = (byte) Integer.parseInt(parts[i]);
    }
    String hex = HexFormat.of().formatHex(bytes);
    String groups = hex.substring(0, 4) + ":" + hex.substring(4);
    String raw = new String(bytes, ISO_8859_1);
    String zeros = "\0".repeat(10);
    return List.of(
        "PROXY TCP4 " + v4 + " 192.0.2.1 5678 80\r\n",
        "PROXY TCP4 " + v4 + " 192.0.2.1 0 80\r\n",
        "PROXY TCP6 ::ffff:" + v4 + " 2001:db8::1 5678 80\r\n",
        "PROXY TCP6 ::ffff:" + v4 + " ::ffff:192.0.2.1 5678 80\r\n",
        "PROXY TCP6 ::FFFF:" + groups + " ::1 5678 80\r\n",
        "PROXY TCP6 0:0:0:0:0:ffff:" + groups + " ::1 5678 80\r\n",
        "PROXY TCP6 ::" + v4 + " ::1 5678 80\r\n",
        BINARY + "!\u0011\0\u000c" + raw + raw + "\0\1\0\2",
        BINARY + "!!\0$" + (zeros + "\u00ff\u00ff" + raw).repeat(2) + "\0\0\0\2",
        BINARY + "!!\0$" + (zeros + "\0\0" + raw).repeat(2) + "\0\1\0\2",
        BINARY + "!\u0011\0\u000f" + raw + raw + "\0\1\0\2\u0004\0\0");
  }

  static List<String> forms() {
    return forms("192.0.2.7");
  }

  private static Response get(String header, String target, String... fields) {
    try (RawClient client = new RawClient(proxy.plainPort())) {
      return client.write(header.getBytes(ISO_8859_1)).get(target, fields);
    }
  }

  @ParameterizedTest
  @MethodSource("forms")
  void a_client_is_known_in_each_form(String header) {
    for (String lane : LANES) {
      assertThat(get(header, lane + "deny").status()).isEqualTo(403);
      assertThat(get(header, lane + "mapped").status()).isEqualTo(403);
      assertThat(get(header, lane + "allow").status()).isEqualTo(200);
      assertThat(get(header, lane + "six").status()).isEqualTo(200);
      String target = lane + "open?" + NEXT.incrementAndGet();
      assertThat(get(header, target).status()).isEqualTo(200);
      assertThat(proxy.server.calls().getLast().headers("x-client")).containsExactly("192.0.2.7");
      assertThat(proxy.server.calls().getLast().headers("x-forwarded-for"))
          .containsExactly("192.0.2.7");
      assertThat(proxy.logged(target)).contains("client=\"192.0.2.7\"");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "TCP4 198.51.100.7",
        "TCP6 ::ffff:198.51.100.7",
        "TCP6 2001:db8::c000:207",
        "TCP6 2002:c000:207::1",
        "TCP6 64:ff9b::192.0.2.7",
        "TCP6 ::fffe:192.0.2.7",
        "TCP6 ::ffff:0:192.0.2.7",
      })
  void another_client_is_not_taken_for_it(String source) {
    String to = source.startsWith("TCP4") ? "192.0.2.1" : "::1";
    String header = "PROXY " + source + " " + to + " 5678 80\r\n";
    for (String lane : LANES) {
      assertThat(get(header, lane + "deny").status()).isEqualTo(200);
      assertThat(get(header, lane + "allow").status()).isEqualTo(403);
    }
  }

  @EachLane
  void all_forms_of_a_client_share_a_rate(String lane) {
    String client = "203.0.113." + NEXT.incrementAndGet();
    List<Integer> statuses = new ArrayList<>();
    forms(client).forEach(header -> statuses.add(get(header, lane + "rate").status()));
    for (String said :
        List.of(
            client,
            client + ":4711",
            "::ffff:" + client,
            "[::ffff:" + client + "]:4711",
            "[::" + client + "]",
            "198.51.100.1, " + client,
            client + ", 10.0.0.9",
            client + ", ::ffff:10.0.0.9",
            client + ", [::ffff:10.0.0.9]:80")) {
      for (String proxied : List.of("TCP4 127.0.0.1 192.0.2.1", "TCP6 ::ffff:10.0.0.1 ::1")) {
        String header = "PROXY " + proxied + " 5678 80\r\n";
        statuses.add(get(header, lane + "rate", "X-Forwarded-For: " + said).status());
      }
    }
    assertThat(statuses.getFirst()).isEqualTo(200);
    assertThat(statuses.subList(1, statuses.size())).containsOnly(429);
  }

  @Test
  void all_forms_of_a_client_share_its_connections() {
    int before = proxy.limited(Limit.CONNECTIONS_PER_ADDRESS);
    List<String> forms = forms("192.0.2.99");
    try (RawClient first = new RawClient(proxy.plainPort());
        RawClient second = new RawClient(proxy.plainPort())) {
      assertThat(first.write(forms.get(0).getBytes(ISO_8859_1)).get("/express/open").status())
          .isEqualTo(200);
      assertThat(second.write(forms.get(2).getBytes(ISO_8859_1)).get("/gateway/open").status())
          .isEqualTo(200);
      for (String form : forms) {
        try (RawClient more = new RawClient(proxy.plainPort())) {
          more.write(form.getBytes(ISO_8859_1)).request("GET", "/express/open");
          assertThat(more.isEnded()).isTrue();
        }
      }
    }
    assertThat(proxy.limited(Limit.CONNECTIONS_PER_ADDRESS)).isEqualTo(before + forms.size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PROXY TCP4 192.0.2.7 192.0.2.1 +5678 80\\r\\n",
        "PROXY TCP6 fe80::1%eth0 ::1 5678 80\\r\\n",
        "PROXY TCP4 192.0.2.07 192.0.2.1 5678 80\\r\\n",
        "\\r\\n\\r\\n\\0\\r\\nQUIT\\n!\\21\\0\\17\\300\\0\\2\\7\\300\\0\\2\\7\\0\\1\\0\\2\\4\\0\\1",
      })
  void a_doubtful_header_reaches_no_server(String header) {
    int before = proxy.server.calls().size();
    try (RawClient client = new RawClient(proxy.plainPort())) {
      client.write(header.translateEscapes().getBytes(ISO_8859_1)).request("GET", "/express/open");
      assertThat(client.isEnded()).isTrue();
    }
    assertThat(proxy.server.calls()).hasSize(before);
  }
}
