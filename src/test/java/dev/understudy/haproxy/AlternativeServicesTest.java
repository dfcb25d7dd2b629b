package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.haproxy.report.Verdict;
import dev.understudy.testing.Rows;
import org.junit.jupiter.api.Test;

/** {@code Alt-Svc} announces no HTTP/3 on a listener that is left out. */
class AlternativeServicesTest {
  private static final String QUIC = "bind quic4@:443 ssl crt a.pem alpn h3";

  @Rows(
      """
      set-header alt-svc `h3=":443"; ma=900`            | RemoveResponseHeader=alt-svc
      set-header Alt-Svc `h3=":443";ma=60,h3-29=":443"` | RemoveResponseHeader=Alt-Svc
      set-header alt-svc `h3=":%[dst_port]"; ma=900`    | RemoveResponseHeader=alt-svc
      set-header alt-svc `h2=":443", h3=":443"; ma=9`   | SetResponseHeader=alt-svc, h2=\\":443\\"
      add-header alt-svc `h3=":443"; ma=9, h2=":443"`   | AddResponseHeader=alt-svc, h2=\\":443\\"
      set-header alt-svc `h3="cdn.example.com:443"`     | SetResponseHeader=alt-svc, h3=\\"cdn.example.com:443\\"
      set-header alt-svc clear                          | SetResponseHeader=alt-svc, clear
      """)
  void what_is_left_of_it(String rule, String filter) {
    String line = "http-response " + rule.replace('`', '\'');
    Imported imported = Imports.good(Imports.front(QUIC, line));
    assertThat(imported.yaml()).contains("- \"" + filter + "\"");
    boolean whole = rule.contains("cdn") || rule.contains("clear");
    assertThat(Imports.verdict(imported, line).verdict())
        .isEqualTo(whole ? Verdict.EXACT : Verdict.APPROXIMATED);
  }

  @Rows(
      """
      quic4@:443
      quic6@:443
      quic4@*:443
      :443,quic4@:443
      """)
  void a_service_of_a_quic_listener_at_any_address_is_left_out(String address) {
    assertThat(
            Imports.good(
                    Imports.front(
                        "bind " + address + " ssl crt a.pem",
                        "http-response set-header alt-svc 'h3=\":443\"'"))
                .yaml())
        .doesNotContain("ResponseHeader=alt-svc, h3");
  }

  @Test
  void a_field_that_is_only_added_is_left_out() {
    String line = "http-response add-header alt-svc 'h3=\":443\"'";
    Imported imported = Imports.good(Imports.front(QUIC, line));
    assertThat(Imports.verdict(imported, line).verdict()).isEqualTo(Verdict.NOT_NEEDED);
    assertThat(imported.yaml()).doesNotContain("alt-svc");
  }

  @Test
  void local_and_later_responses_do_not_announce_it_either() {
    assertThat(
            Imports.good(
                    Imports.front(
                        QUIC,
                        "http-after-response set-header alt-svc 'h3=\":443\"'",
                        "http-request return status 204 hdr alt-svc 'h3=\":443\"'"))
                .yaml())
        .contains("RemoveResponseHeader=alt-svc")
        .doesNotContain("headers: { alt-svc");
  }

  @Test
  void without_such_a_listener_the_field_is_that_of_the_file() {
    assertThat(
            Imports.good(Imports.front("http-response set-header alt-svc 'h3=\":443\"; ma=900'"))
                .yaml())
        .contains("SetResponseHeader=alt-svc, h3=");
  }
}
