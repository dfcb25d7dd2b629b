package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.haproxy.report.LineVerdict;
import dev.understudy.haproxy.report.Verdict;
import dev.understudy.testing.Rows;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** TCP frontends that lead clients by what they send first: said whole, or left out aloud. */
class MultiplexersTest {
  private static final Map<String, String> FILES =
      Map.of(
          "/names.map", "chat.example chat\n# none\nwww.example web\ngone.example gone\n",
          "/ends.map", "www.b.example web\n.b.example chat\n",
          "/names.lst", "a.example\n\n#no\nB.example\n");

  private static final String REST =
      "backend ssh ; server a 192.0.2.1:1 ; backend web ; server a 192.0.2.1:1 ; backend chat"
          + " ; server a 192.0.2.1:1 ; backend vpn ; server a 192.0.2.1:1 ; backend tls_a.example"
          + " ; server a 192.0.2.1:1 ; backend none";

  private static Imported imported(String lines) {
    String front = "defaults ; mode tcp ; frontend fe ; bind :443 ; " + lines;
    return (Imported)
        Imports.of(
            ImportRow.text(front.replaceAll(" *; *", " ; ") + " ; " + REST), Map.of(), FILES);
  }

  /** The settings of the listener, without its port and its delay. */
  private static String listener(Imported imported) {
    return imported
        .yaml()
        .lines()
        .dropWhile(line -> !line.equals("listeners:"))
        .takeWhile(line -> !line.equals("pools:"))
        .filter(line -> line.matches("    (pool|server-names|protocols):.*"))
        .map(String::strip)
        .collect(Collectors.joining(" "));
  }

  @Rows(
      """
      // The lines of the frontend, and the listener that says the same.
      use_backend web if { req.ssl_hello_type 1 }; default_backend vpn| pool: vpn protocols: { tls: web }
      use_backend web if { req_ssl_hello_type 1 }; use_backend ssh| pool: ssh protocols: { tls: web }
      use_backend vpn if !{ req_ssl_hello_type 1 }; default_backend web| pool: vpn protocols: { tls: web }
      use_backend vpn unless { req_ssl_hello_type 1 }; default_backend web| pool: vpn protocols: { tls: web }
      use_backend web if { req.ssl_hello_type 1 }| protocols: { tls: web }
      use_backend web if { req.ssl_hello_type 2 }; default_backend vpn| pool: vpn
      use_backend ssh if { payload(0,7) -m bin 5353482D322e30 }; default_backend vpn| pool: vpn protocols: { `0x5353482d322e30`: ssh }
      use_backend ssh if { req.payload(0,4) -m str SSH- }; default_backend vpn| pool: vpn protocols: { ssh: ssh }
      use_backend ssh if { payload(0,0) -m beg SSH-2.0 }; default_backend vpn| pool: vpn protocols: { `0x5353482d322e30`: ssh }
      use_backend ssh if { req.payload(0,3),hex -m str 535348 }; default_backend vpn| pool: vpn protocols: { `0x535348`: ssh }
      use_backend ssh if { payload(0,7) -m bin 535348 }; default_backend vpn| pool: vpn
      use_backend web if { payload(0,1) -m bin 16 }; default_backend vpn| pool: vpn protocols: { `0x16`: web }
      use_backend web if { req.ssl_hello_type 1 }; use_backend ssh if { payload(0,1) -m bin 16 }; default_backend vpn| pool: vpn protocols: { `0x16`: ssh, `0x1603`: web }
      use_backend web if { payload(0,3) -m bin 160301 }; use_backend chat if { req.ssl_hello_type 1 }; default_backend vpn| pool: vpn protocols: { tls: chat, `0x160301`: web }
      use_backend chat if { payload(0,2) -m bin 0300 }; use_backend ssh if { payload(0,3) -m bin 030000 }; default_backend vpn| pool: vpn protocols: { `0x0300`: chat }
      use_backend chat if { payload(0,3) -m bin 030000 }; use_backend ssh if { payload(0,2) -m bin 0300 }; default_backend vpn| pool: vpn protocols: { `0x0300`: ssh, `0x030000`: chat }
      use_backend web if HTTP; default_backend vpn| pool: vpn protocols: { http: web }
      use_backend web if { payload(0,3) -m str GET } or { payload(0,4) -m str POST }; default_backend vpn| pool: vpn protocols: { `0x474554`: web, `0x504f5354`: web }
      use_backend chat if { payload(0,5) -m str `GET /` }; use_backend web if { req.proto_http }; default_backend vpn| pool: vpn protocols: { `0x474554202f`: chat, http: web }
      acl tls req.ssl_hello_type 1; acl ssh payload(0,3) -m str SSH; use_backend ssh if ssh !tls; use_backend chat if tls { req.ssl_sni -i Chat.example }; use_backend web if tls; default_backend vpn| pool: vpn server-names: { chat.example: chat } protocols: { tls: web, `0x535348`: ssh }
      use_backend web if { req.ssl_hello_type 1 } !{ req.ssl_sni a.com }; default_backend vpn| pool: vpn server-names: { a.com: vpn } protocols: { tls: web }
      use_backend web if { req.ssl_hello_type 1 }; use_backend chat if { req.ssl_sni chat.example }; default_backend vpn| pool: vpn protocols: { tls: web }
      use_backend chat if { req.ssl_sni -m end .b.example }; use_backend web if { req.ssl_sni www.b.example }; default_backend vpn| pool: vpn server-names: { `*.b.example`: chat }
      use_backend web if { req.ssl_sni,lower -m str www.b.example }; use_backend chat if { req.ssl_sni -m end -i b.example }; default_backend vpn| pool: vpn server-names: { www.b.example: web, b.example: chat, `*.b.example`: chat }
      use_backend vpn if { req.ssl_sni -i www.b.example }; use_backend chat if { req.ssl_sni -m end .b.example }; default_backend vpn| pool: vpn server-names: { www.b.example: vpn, `*.b.example`: chat }
      use_backend chat if { req.ssl_sni -m found }; default_backend chat | pool: chat
      use_backend chat if { req.ssl_sni,lower,map(/names.map) chat }; use_backend web if { req.ssl_sni,map(/names.map) -m found }; default_backend vpn| pool: vpn server-names: { chat.example: chat, www.example: web, gone.example: web }
      use_backend chat if { req.ssl_sni -i -f /names.lst }; default_backend vpn| pool: vpn server-names: { a.example: chat, b.example: chat }
      use_backend %[req.ssl_sni,lower,map(/names.map,ssh)] if { req.ssl_hello_type 1 }; default_backend vpn; tcp-request content reject if { req.ssl_hello_type 1 } !{ req.ssl_sni -m found }|
      use_backend %[req.ssl_sni,lower,map(/names.map)]; default_backend vpn| pool: vpn server-names: { chat.example: chat, www.example: web }
      use_backend %[req_ssl_sni,lower,map_end(/ends.map)]; default_backend vpn| pool: vpn server-names: { www.b.example: web, `*.www.b.example`: web, `*.b.example`: chat }
      use_backend tls_%[req_ssl_sni,lower] if { req_ssl_hello_type 1 }; use_backend web if { payload(0,3) -m str GET }; default_backend vpn| pool: vpn server-names: { a.example: tls-a-example } protocols: { `0x474554`: web }
      tcp-request content accept if { req.ssl_hello_type 1 }; tcp-request content reject; use_backend chat if { req.ssl_sni chat.example }; default_backend web| server-names: { chat.example: chat } protocols: { tls: web }
      tcp-request content reject if !{ req.ssl_hello_type 1 }; use_backend chat if { req.ssl_sni chat.example }| server-names: { chat.example: chat }
      tcp-request content reject unless { req.ssl_sni chat.example }; default_backend chat| server-names: { chat.example: chat }
      tcp-request content accept if { req.len gt 8 }; tcp-request content accept if { src 10.0.0.0/8 }; use_backend web if { req.ssl_hello_type 1 } WAIT_END; default_backend vpn| pool: vpn protocols: { tls: web }
      use_backend none if !{ req.ssl_hello_type 1 }; default_backend web| protocols: { tls: web }
      use_backend web if { src 10.0.0.0/8 }; default_backend web | pool: web
      use_backend web if { ssl_fc_sni a.com }; default_backend vpn | pool: vpn
      """)
  void a_frontend_is_said_if_all_its_clients_are_led_as_by_haproxy(String lines, String expected) {
    Imported imported = imported(lines.replace('`', '"'));
    String said = expected == null ? "" : expected.replace('`', '"');
    assertThat(listener(imported)).as(imported.report()).isEqualTo(said);
    assertThat(imported.yaml().contains("listeners:")).isEqualTo(expected != null);
    if (expected != null) {
      assertThat(imported.lines())
          .as(imported.report())
          .noneMatch(each -> each.verdict() == Verdict.UNSUPPORTED);
    }
  }

  @Rows(
      """
      use_backend web if { src 10.0.0.0/8 }; default_backend vpn
      use_backend web if { req.ssl_hello_type 1 } { src 10.0.0.0/8 }; default_backend vpn
      use_backend web if { req.ssl_ver 3.1:3.3 }; default_backend vpn
      use_backend web if { req.ssl_alpn h2 }; default_backend vpn
      use_backend web if { req.ssl_sni -m reg ^a }; default_backend vpn
      use_backend web if { req.ssl_sni -m sub a }; default_backend vpn
      use_backend web if { req.ssl_sni -m end -example }; default_backend vpn
      use_backend web if { req.ssl_sni -m found }; default_backend vpn
      use_backend web if { req.ssl_sni a.com } or { req.len gt 8 }; default_backend vpn
      use_backend web if { req.len gt 0 }; default_backend vpn
      use_backend ssh if { payload(1,3) -m str SH- }; default_backend vpn
      use_backend ssh if { payload(0,7) -m sub SSH }; default_backend vpn
      use_backend ssh if { payload(0,3) -m str -i ssh }; default_backend vpn
      use_backend ssh if { payload(0,17) -m str SSH-2.0-OpenSSH_9 }; default_backend vpn
      use_backend web if { payload(0,3) -m str GET } { req.proto_http }; default_backend vpn
      use_backend ssh if !{ req.ssl_hello_type 1 }; use_backend chat if { req.ssl_sni chat.example }
      use_backend chat if { req.ssl_sni a.com } { payload(0,3) -m bin 160301 }; default_backend vpn
      use_backend %[req.ssl_sni,lower,map(/missing.map,vpn)]; default_backend vpn
      use_backend %[req.ssl_sni,map_reg(/names.map)]; default_backend vpn
      """)
  void a_frontend_is_left_out_aloud_if_a_listener_would_lead_some_clients_elsewhere(String lines) {
    String delay = "tcp-request inspect-delay 5s";
    Imported imported = imported(delay + ";" + lines);
    assertThat(imported.yaml()).doesNotContain("listeners:").contains("Nothing listens for 'fe'");
    assertThat(imported.isLossy()).isTrue();
    assertThat(Imports.verdict(imported, delay).verdict()).isEqualTo(Verdict.NOT_NEEDED);
    assertThat(imported.lines().stream().filter(LineVerdict::guard))
        .isNotEmpty()
        .allMatch(each -> each.verdict() == Verdict.UNSUPPORTED);
  }

  @Rows(
      """
      # a frontend that refuses clients whom a listener serves is left out
      FRONT ; > tcp-request content reject if !{ src 10.0.0.0/8 } ; default_backend vpn ; REST | LEFT_OUT
      FRONT ; > tcp-request content reject if { req.ssl_hello_type 1 } ; default_backend vpn ; REST | LEFT_OUT
      FRONT ; > tcp-request content reject if { req.len lt 8 } ; default_backend vpn ; REST | LEFT_OUT
      # the port of a PROXY header is not taken for a listener's
      FRONT ; tcp-request content reject if { dst_port 8443 } ; default_backend web ; REST | listeners:
      FRONT accept-proxy ; tcp-request content reject if { dst_port 8443 } ; default_backend web ; REST | no listeners:
      FRONT ssl crt a.pem accept-proxy ; tcp-request content reject if { dst_port 8443 } ; default_backend web ; REST | no listeners:
      # server names lead where TLS ends
      FRONT ssl crt a.pem ; use_backend chat if { ssl_fc_sni chat.example } ; use_backend web if { req.ssl_sni a } ; default_backend vpn ; REST | pool: vpn \
          && server-names: { chat.example: chat } && no inspect-delay && no protocols:
      FRONT ssl crt a.pem ; use_backend ssh if { payload(0,3) -m str SSH } ; default_backend vpn ; REST | no listeners:
      FRONT ssl crt a.pem ; use_backend ssh if { req.ssl_hello_type 1 } ; default_backend vpn ; REST | no listeners:
      FRONT ssl crt a.pem ; use_backend ssh if { ssl_fc_sni -m found } ; default_backend vpn ; REST | no listeners:
      # the inspect delay is that of the file within bounds
      FRONT ; > tcp-request inspect-delay 5s ; use_backend web if { req.ssl_hello_type 1 } ; default_backend vpn ; REST | EXACT && inspect-delay: 5s
      FRONT ; > tcp-request inspect-delay 300 ; use_backend web if { req.ssl_hello_type 1 } ; default_backend vpn ; REST | EXACT && inspect-delay: 300ms
      FRONT ; > tcp-request inspect-delay 1h ; use_backend web if { req.ssl_hello_type 1 } ; default_backend vpn ; REST | APPROXIMATED && inspect-delay: 10m
      FRONT ; > tcp-request inspect-delay 0 ; use_backend web if { req.ssl_hello_type 1 } ; default_backend vpn ; REST | APPROXIMATED && inspect-delay: 1ms
      FRONT ; > tcp-request inspect-delay 5s ; default_backend vpn ; REST | NOT_NEEDED && no inspect-delay:
      # an end of server names has one label before it in listeners
      FRONT ; use_backend chat if { req.ssl_sni -m end .b.example } ; default_backend vpn ; REST | report * stands for one label
      """)
  void a_listener(String lines, String expected) {
    String left = "UNSUPPORTED! && no listeners: && Nothing listens for 'fe'";
    String all = lines.replace("FRONT", "defaults ; mode tcp ; frontend fe ; bind :443");
    ImportRow.check(all.replace("REST", REST), expected.replace("LEFT_OUT", left), FILES);
  }

  @Test
  void each_line_has_its_verdict() {
    Imported imported =
        imported(
            "use_backend web if { req.ssl_hello_type 1 }; use_backend chat if { req.ssl_sni a };"
                + " use_backend ssh if { src 10.0.0.0/8 } { req.ssl_hello_type 2 }; use_backend"
                + " vpn; use_backend ssh if { payload(0,3) -m str SSH }");
    assertThat(
            imported.lines().stream()
                .filter(each -> each.source().startsWith("use_backend"))
                .map(each -> each.verdict() + " " + each.text()))
        .containsExactly(
            "EXACT `server-names` and `protocols` of the listener",
            "NOT_NEEDED its condition never holds here",
            "NOT_NEEDED its condition never holds here",
            "EXACT a route, or filters of one route; the first one that matches counts",
            "NOT_NEEDED a line above leads every connection away");
  }

  @Test
  void more_names_than_a_listener_has_are_left_out_aloud() {
    String names =
        IntStream.range(0, 1001)
            .mapToObj(each -> "n" + each + ".example")
            .collect(Collectors.joining(" "));
    String line = "use_backend web if { req.ssl_sni " + names + " }";
    Imported imported = imported(line + "; default_backend vpn");
    assertThat(imported.yaml()).doesNotContain("listeners:");
    assertThat(Imports.verdict(imported, line).text()).contains("at most 1000 server names");
  }
}
