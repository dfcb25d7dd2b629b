package dev.understudy.haproxy;

import dev.understudy.testing.Extent;
import dev.understudy.testing.Rows;
import org.junit.jupiter.api.Tag;

/** Redirects behind rules that change {@code Host}: HAProxy keeps its port in the location. */
@Tag(Extent.SLOW)
class ImportedRedirectsTest {
  @Rows(
      """
      # a port that a rule before sets stays
      http-request replace-value Host (.*):8080 \\1:8443 ; redirect scheme https code 301 if !{ ssl_fc } | "Redirect=301, https://{host}{target} when not tls" && no RedirectToHttps
      http-request replace-header Host (.*):8080 \\1:8443 ; redirect scheme https code 301 if !{ ssl_fc } | "Redirect=301, https://{host}{target} when not tls" && no RedirectToHttps
      http-request replace-header host (.*):8080 \\1:8443 if { path_beg /a } ; redirect scheme https code 301 if !{ ssl_fc } | "Redirect=301, https://{host}{target} when not tls" \
          && no RedirectToHttps
      http-request set-header Host www.example.com:8443 ; redirect scheme https code 301 if !{ ssl_fc } | "Redirect=301, https://{host}{target} when not tls" && no RedirectToHttps
      http-request set-header Host %[req.hdr(host),host_only]:8443 ; redirect scheme https code 301 if !{ ssl_fc } | "Redirect=301, https://{host}{target} when not tls" && no RedirectToHttps
      http-request set-header Host www.example.com:8443 ; http-request redirect scheme https code 301 if !{ ssl_fc } | "Redirect=301, https://{host}{target} when not tls" \
          && no RedirectToHttps
      # a backend's redirect keeps the port that its frontend has set
      http-request replace-value Host (.*):8080 \\1:8443 ; backend app ; http-request redirect scheme https code 301 if !{ ssl_fc } | "Redirect=301, https://{host}{target} when not tls" \
          && no RedirectToHttps
      # a location that reads a replaced host has its port
      http-request replace-value Host (.*):8080 \\1:8443 ; http-request redirect prefix https://%[hdr(host)] | ReplaceRequestHeader=Host, && Redirect=302, https://{host}{target}
      http-request replace-value Host (.*):8080 \\1:8443 ; http-request redirect location https://%[req.hdr(Host)]/x | ReplaceRequestHeader=Host, && Redirect=302, https://{host}/x
      # without such a rule a redirect leads to the port of https
      http-request set-header X-Host www.example.com ; redirect scheme https code 301 if !{ ssl_fc } | RedirectToHttps=301
      http-request replace-value X-Forwarded-Port 80 443 ; redirect scheme https code 301 if !{ ssl_fc } | RedirectToHttps=301
      http-request set-path /a%[path] ; redirect scheme https code 301 if !{ ssl_fc } | RedirectToHttps=301
      # a rule behind the redirect changes nothing of it
      http-request redirect scheme https code 301 if !{ ssl_fc } ; http-request set-header Host a.example:8443 | RedirectToHttps=301
      """)
  void a_redirect(String lines, String expected) {
    ImportRow.check(lines, expected);
  }
}
