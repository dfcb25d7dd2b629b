package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.testing.Extent;
import dev.understudy.testing.Rows;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** No server gets requests for what HAProxy itself responds to: statistics and services. */
@Tag(Extent.SLOW)
class ImportedStatisticsTest {
  @Rows(
      """
      # requests for statistics are refused
      stats uri /stats | "Deny=404 when path-prefix(/stats)" && report get 404, so that no server has them
      stats enable | "Deny=404 when target-prefix(/haproxy?stats)" && report get 404, so that no server has them
      stats hide-version | "Deny=404 when target-prefix(/haproxy?stats)" && report get 404, so that no server has them
      stats auth a:b | "Deny=404 when target-prefix(/haproxy?stats)" && report get 404, so that no server has them
      stats uri / | "Deny=404 when path-prefix(/)" && report get 404, so that no server has them
      stats uri /s,x | "Deny=404 when path-prefix("/s,x")" && report get 404, so that no server has them
      backend app ; stats enable | "Deny=404 when target-prefix(/haproxy?stats)" && report get 404, so that no server has them
      # the line that names a prefix counts wherever it stands
      stats enable ; stats uri /a ; stats uri /b ; stats refresh 5s | Deny=404 when path-prefix(/b) && no prefix(/a) && no /haproxy?stats
      # they are looked for behind rules and before redirects
      redirect location /x ; stats uri /stats ; http-request deny if { path /a } ; http-request set-path /stats if { path /b } | Deny=403 && SetPath=/stats && Deny=404 && Redirect=302, /x
      # a section with statistics alone is left out as before
      backend app ; listen stats ; bind :8404 ; stats uri / | no 404
      # a section of TCP has no requests to refuse
      defaults ; mode tcp ; stats enable ; listen pg ; bind :5432 ; server a 127.0.0.1:5433 | no Deny
      # requests of a service are refused
      http-request use-service prometheus-exporter if { path /metrics } | UNSUPPORTED && - "Deny=404 when path(/metrics)"
      """)
  void a_line(String lines, String expected) {
    ImportRow.check(lines, expected);
  }

  @Test
  void inherited_statistics_are_refused_once() {
    String yaml =
        Imports.good("defaults\n  stats uri /stats\n" + Imports.front().substring(9)).yaml();
    assertThat(yaml).containsOnlyOnce("Deny=404 when path-prefix(/stats)");
  }

  @Test
  void passwords_of_statistics_stay_named_as_a_guard() {
    Imported imported = Imports.good(Imports.front("stats auth a:b"));
    assertThat(Imports.verdict(imported, "stats auth ***").guard()).isTrue();
  }
}
