package dev.understudy.haproxy;

import dev.understudy.testing.Extent;
import dev.understudy.testing.Rows;
import java.util.Map;
import org.junit.jupiter.api.Tag;

/** Error files, which are whole responses, and the sections that name several. */
@Tag(Extent.SLOW)
class ImportedErrorPagesTest {
  private static final Map<String, String> FILES =
      Map.of(
          "/503", response("503 Down", "Cache-Control: no-cache\r\nRetry-After: 60", "<p>soon</p>"),
          "/404", response("404 None", "Server: x", "<p>gone</p>"),
          "/own", response("503 Down", "Connection: close", "<p>own</p>"),
          "/200", response("200 OK", "Date: x", "<p>fine</p>"),
          "/302", response("302 Found", "Location: https://status.example.com/", ""),
          "/braces", response("503 Down", "X-A: b", "{host} 100%"),
          "/long", response("503 Down", "X-A: b", "x".repeat(20_000)));

  private static String response(String status, String fields, String body) {
    return "HTTP/1.0 "
        + status
        + "\r\nContent-Type: text/html\r\n"
        + fields
        + "\r\nContent-Length: 9\r\n\r\n"
        + body;
  }

  private static final String MINE = "http-errors mine ; errorfile 503 /503 ; errorfile 404 /404";
  private static final String CLOSED =
      "use_backend closed if { path_beg /c } ; " + MINE + " ; backend closed";
  private static final String SOON =
      "{ name: Respond, args: { status: 503, text: \"<p>soon</p>\", content-type: text/html,"
          + " headers: { Cache-Control: no-cache, Retry-After: \"60\" } } }";
  private static final String GONE =
      "{ name: Respond, args: { status: 404, text: \"<p>gone</p>\", content-type: text/html,"
          + " headers: { Server: x } } }";

  @Rows(
      """
      # a backend without servers responds as its file says
      CLOSED ; errorfile 503 /503 | EXACT && SOON && no Deny=503
      CLOSED ; errorfiles mine | EXACT && SOON && no Deny=503
      CLOSED ; errorfiles mine 503 | EXACT && SOON && no Deny=503
      CLOSED ; errorfile 503 /200 | EXACT && { name: Respond, args: { status: 200, text: "<p>fine</p>", content-type: text/html } } && no Deny=503
      CLOSED ; errorfile 503 /302 | EXACT && { name: Respond, args: { status: 302, text: "", content-type: text/html, headers: { Location: "https://status.example.com/" } } } && no Deny=503
      CLOSED ; http-error status 503 content-type text/plain string closed hdr X-A b | EXACT && { name: Respond, args: { status: 503, text: closed, headers: { X-A: b } } } && no Deny=503
      CLOSED ; http-error status 503 errorfiles mine | EXACT && SOON && no Deny=503
      # a long text is cut unless it is written as it is
      > http-request return status 503 errorfile /long ; > http-request deny deny_status 503 errorfile /long | says the text is cut to 16 KB
      > http-request return status 503 content-type text/html file /long ; > http-request return status 503 file /long hdr X-A b | says the text is cut to 16 KB
      > http-request return status 503 file /long ; > http-request return status 503 errorfile /503 | says no the text is cut to 16 KB
      # a backend without servers that a variable chooses responds as its file says
      http-request set-header X-A b if { path /a } ; use_backend closed if { hdr(X-A) b } ; backend app ; http-request set-header X-B c ; backend closed ; errorfile 503 /own \
          | text: "<p>own</p>" && no Deny=503
      # its own rules that deny respond as its file says
      listen closed ; mode http ; bind :81 ; errorfile 503 /503 ; errorfile 404 /404 ; http-request deny deny_status 404 if { path /x } | text: "<p>gone</p>" && when: "path(/x)" \
          && text: "<p>soon</p>"
      CLOSED ; errorfile 503 /503 ; errorfile 404 /404 ; http-request deny deny_status 404 if { path /x } | text: "<p>gone</p>" && when: "path(/x)" && text: "<p>soon</p>"
      # inherited files count, and the last line of a status
      defaults ; mode http ; errorfile 503 /503 ; frontend web ; bind :80 ; use_backend other if { path /x } ; default_backend closed ; backend closed ; backend other ; errorfile 503 /own \
          | text: "<p>own</p>" && text: "<p>soon</p>" && no Deny=503
      CLOSED ; errorfile 503 /own ; errorfiles mine | <p>soon</p> && no <p>own</p>
      # the report names what an error response lacks
      CLOSED ; errorfile 503 /braces | (host) 100% && says its braces become parentheses
      # a file that cannot be had is lost aloud
      CLOSED ; errorfile 503 /none | UNSUPPORTED && Deny=503 && says cannot be read here
      CLOSED ; errorfile 503 /long | UNSUPPORTED && Deny=503 && says at most 16 KB
      # a file of a status that such a backend never has is not needed
      CLOSED ; errorfile 404 /own | NOT_NEEDED
      # what a page lacks of its file is told
      backend app ; errorfile 503 /503 | says without Retry-After
      backend app ; errorfile 503 /200 | says with status 503, not 200
      # a rule responds with head and body of its file
      http-request return status 404 errorfiles mine ; MINE | GONE
      http-request return status 404 errorfile /404 ; MINE | GONE
      http-request deny deny_status 404 errorfiles mine ; MINE | GONE
      http-request deny deny_status 404 errorfile /404 ; MINE | GONE
      # the section's own files are those of what denies
      http-request return status 404 default-errorfiles | - "Deny=404"
      # a code that the section lacks needs no page
      backend app ; > errorfiles mine 500 ; MINE | NOT_NEEDED
      # the files of a section become pages of a pool
      backend app ; > errorfiles mine ; MINE | APPROXIMATED && says without Server && error-pages: { 503: "503.html", 404: "404.html" } && file <p>gone</p>
      backend app ; > errorfiles mine 404 ; MINE | APPROXIMATED && says without Server && error-pages: { 404: "404.html" } && file <p>gone</p>
      backend app ; > errorfiles mine 404 503 ; MINE | APPROXIMATED && says without Server && error-pages: { 503: "503.html", 404: "404.html" } && file <p>gone</p>
      backend app ; errorfiles mine ; > http-errors mine ; errorfile 404 /404 | EXACT
      backend app ; errorfiles mine ; http-errors mine ; > errorfile 404 /404 | EXACT
      # those of a frontend become pages of all
      errorfiles mine 404 ; MINE | error-pages: { 404: "404.html" }
      # a section that is not there is refused as HAProxy does
      backend app ; errorfiles other | problem expected the name of an http-errors section, found 'other'
      """)
  void a_line(String lines, String expected) {
    String wanted = expected.replace("SOON", SOON).replace("GONE", GONE);
    ImportRow.check(lines.replace("CLOSED", CLOSED).replace("MINE", MINE), wanted, FILES);
  }
}
