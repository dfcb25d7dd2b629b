package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Rows;
import org.junit.jupiter.api.Test;

/** Redirects behind rules that change {@code Host}: HAProxy keeps its port in the location. */
class ImportedRedirectsTest {
  private static final String TO_HTTPS = "redirect scheme https code 301 if !{ ssl_fc }";
  private static final String KEEPS = "\"Redirect=301, https://{host}{target} when not tls\"";

  @Rows(
      """
      http-request replace-value Host (.*):8080 \\1:8443
      http-request replace-header Host (.*):8080 \\1:8443
      http-request replace-header host (.*):8080 \\1:8443 if { path_beg /a }
      http-request set-header Host www.example.com:8443
      http-request set-header Host %[req.hdr(host),host_only]:8443
      """)
  void a_port_that_a_rule_before_sets_stays(String rule) {
    assertThat(Imports.good(Imports.front(rule, TO_HTTPS)).yaml())
        .contains(KEEPS)
        .doesNotContain("RedirectToHttps");
    assertThat(Imports.good(Imports.front(rule, "http-request " + TO_HTTPS)).yaml())
        .contains(KEEPS)
        .doesNotContain("RedirectToHttps");
  }

  @Test
  void a_backends_redirect_keeps_the_port_that_its_frontend_has_set() {
    assertThat(
            Imports.good(
                    Imports.front("http-request replace-value Host (.*):8080 \\1:8443")
                        + "  http-request "
                        + TO_HTTPS
                        + "\n")
                .yaml())
        .contains(KEEPS);
  }

  @Rows(
      """
      prefix https://%[hdr(host)]         | https://{host}{target}
      location https://%[req.hdr(Host)]/x | https://{host}/x
      """)
  void a_location_that_reads_a_replaced_host_has_its_port(String to, String location) {
    assertThat(
            Imports.good(
                    Imports.front(
                        "http-request replace-value Host (.*):8080 \\1:8443",
                        "http-request redirect " + to))
                .yaml())
        .containsSubsequence("ReplaceRequestHeader=Host,", "Redirect=302, " + location);
  }

  @Rows(
      """
      http-request set-header X-Host www.example.com
      http-request replace-value X-Forwarded-Port 80 443
      http-request set-path /a%[path]
      """)
  void without_such_a_rule_a_redirect_leads_to_the_port_of_https(String rule) {
    assertThat(Imports.good(Imports.front(rule, TO_HTTPS)).yaml()).contains("RedirectToHttps=301");
  }

  @Test
  void a_rule_behind_the_redirect_changes_nothing_of_it() {
    assertThat(
            Imports.good(
                    Imports.front(
                        "http-request " + TO_HTTPS, "http-request set-header Host a.example:8443"))
                .yaml())
        .contains("RedirectToHttps=301");
  }
}
