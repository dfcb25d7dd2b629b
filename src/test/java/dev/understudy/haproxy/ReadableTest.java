package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.testing.Rows;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No line that HAProxy accepts makes the whole file unreadable. */
class ReadableTest {
  @Rows(
      """
      maxconn 0
      maxconn 10k
      maxconn any
      http-request deny if { path -n /a }
      http-request deny if { path -M -f /dev/null }
      http-request deny if { path -u 5 /x }
      http-request deny if { path -f /a -f /b -i }
      redirect location /a if
      http-request deny status 404
      http-request deny deny_status 200
      http-request return
      http-request return status 499 content-type text/plain string x hdr A b
      http-request track-sc0 src,ipmask(24)
      http-request set-path "%[path,regsub('^/a\\(','/b')]"
      http-request deny if { path,regsub('\\(',x) -m str a }
      http-request set-header X-A %[path,regsub(a,b)]
      timeout client 2147483647
      timeout http-request 0
      errorfile 404 /dev/null
      errorfile 200 /dev/null
      bind ipv6@:8099
      bind localhost:8083
      bind unix@/tmp/s
      bind /tmp/s
      bind abns@s
      bind :8443 ssl crt-list /none
      acl a src -n 10.0.0.1
      acl a path -M -f /dev/null
      rate-limit sessions 10
      stick-table type ip size 1k expire 1s store gpc0,conn_cur
      http-request capture req.hdr(A) len 10
      """)
  void a_line_of_a_frontend(String line) {
    Imported imported = Imports.good(Imports.front(line));
    assertThat(Imports.verdict(imported, line).text()).doesNotContain("the import does not read");
  }

  @Rows(
      """
      server two unix@/tmp/x
      server two abns@x
      server two /tmp/x.sock
      server two 127.0.0.1
      server two 127.0.0.1:+5
      server two 127.0.0.1:81 maxconn 0
      server two 127.0.0.1:81 check fall 1000
      server two 127.0.0.1:81 check inter 2d
      server two 127.0.0.1:81 check inter 500us
      server two 127.0.0.1:81 check port 70000
      server-template a 500 127.0.0.1:80
      server-template a 5-7 127.0.0.1:80
      retries 0
      retries -1
      timeout queue 0
      timeout check 0
      timeout server 0
      option redispatch 3
      balance
      fullconn any
      cookie A
      stick on src,ipmask(24)
      stick on url_param(a)
      http-check expect status 200,301-303
      option httpchk GET /x HTTP/1.1\\r\\nHost:\\ a
      """)
  void a_line_of_a_backend(String line) {
    Imported imported =
        Imports.good(Imports.back("option httpchk", "retry-on all-retryable-errors", line));
    assertThat(Imports.verdict(imported, line).text()).doesNotContain("the import does not read");
  }

  @Rows(
      """
      http | disabled
      http | stats enable
      tcp  | disabled
      tcp  | stats enable
      """)
  void a_backend_that_is_left_out_leaves_the_file_readable(String mode, String line) {
    String use = "use_backend other if TRUE";
    Imported imported =
        Imports.good(
            "defaults\n  mode "
                + mode
                + "\nfrontend web\n  bind :80\n  "
                + use
                + "\n  default_backend app\nbackend app\n  server a 127.0.0.1:81\nbackend other\n  "
                + line
                + "\n");
    assertThat(imported.yaml()).doesNotContain("pool://app", "pool: app");
    if (mode.equals("tcp")) {
      assertThat(Imports.verdict(imported, use).guard()).isTrue();
    } else {
      assertThat(imported.yaml()).contains("no://op", "Deny=503");
    }
  }

  @Test
  void a_default_backend_that_is_left_out_serves_nothing() {
    Imported imported =
        Imports.good(
            "frontend web\n  mode http\n  bind :80\n  default_backend other\n"
                + "backend other\n  mode http\n  disabled\n  server a 127.0.0.1:81\n");
    assertThat(imported.yaml()).contains("Deny=503").doesNotContain("pool://");
  }

  @Test
  void connections_led_by_a_map_are_a_guard() {
    String use = "use_backend %[req_ssl_sni,map(/m)]";
    Imported imported =
        Imports.good(
            "defaults\n  mode tcp\nfrontend web\n  bind :80\n  "
                + use
                + "\n  default_backend app\nbackend app\n  server a 127.0.0.1:81\n");
    assertThat(Imports.verdict(imported, use).guard()).isTrue();
  }

  @Test
  void an_acl_that_cannot_be_read_denies_more() {
    String line = "http-request deny if a { path /b }";
    Imported imported = Imports.good(Imports.front("acl a path -m new /a", line));
    assertThat(imported.yaml()).contains("- \"Deny=403 when path(/b)\"");
    assertThat(Imports.verdict(imported, line).guard()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"http", "tcp"})
  void a_default_backend_that_is_overridden_may_name_nothing(String mode) {
    Imported imported =
        Imports.good(
            "defaults\n  mode "
                + mode
                + "\n  default_backend none\nfrontend web\n  bind :80\n  default_backend app\n"
                + "backend app\n  server a 127.0.0.1:81\n");
    assertThat(imported.yaml()).contains("app");
  }
}
