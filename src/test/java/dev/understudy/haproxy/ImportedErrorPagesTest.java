package dev.understudy.haproxy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.haproxy.HaproxyImport.Imported;
import dev.understudy.haproxy.report.Verdict;
import dev.understudy.testing.Rows;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Error files, which are whole responses, and the sections that name several. */
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

  private static final String SECTION =
      "http-errors mine\n  errorfile 503 /503\n  errorfile 404 /404\n";

  private static String response(String status, String fields, String body) {
    return "HTTP/1.0 "
        + status
        + "\r\nContent-Type: text/html\r\n"
        + fields
        + "\r\nContent-Length: 9\r\n\r\n"
        + body;
  }

  private static Imported imported(String text) {
    return (Imported) Imports.of(text, Map.of(), FILES);
  }

  /** A backend without servers, to which the frontend leads some requests. */
  private static String closed(String... lines) {
    return SECTION
        + Imports.front("use_backend closed if { path_beg /c }")
        + "backend closed\n  "
        + String.join("\n  ", lines)
        + "\n";
  }

  private static String yaml(String text) {
    return imported(text).yaml().replace("\"", "");
  }

  @Rows(
      """
      errorfile 503 /503  | status: 503, text: <p>soon</p>, content-type: text/html, headers: { Cache-Control: no-cache, Retry-After: 60 }
      errorfiles mine     | status: 503, text: <p>soon</p>, content-type: text/html, headers: { Cache-Control: no-cache, Retry-After: 60 }
      errorfiles mine 503 | status: 503, text: <p>soon</p>, content-type: text/html, headers: { Cache-Control: no-cache, Retry-After: 60 }
      errorfile 503 /200  | status: 200, text: <p>fine</p>, content-type: text/html
      errorfile 503 /302  | status: 302, text: , content-type: text/html, headers: { Location: https://status.example.com/ }
      http-error status 503 content-type text/plain string closed hdr X-A b | status: 503, text: closed, headers: { X-A: b }
      http-error status 503 errorfiles mine | status: 503, text: <p>soon</p>, content-type: text/html, headers: { Cache-Control: no-cache, Retry-After: 60 }
      """)
  void a_backend_without_servers_responds_as_its_file_says(String line, String arguments) {
    Imported imported = imported(closed(line));
    assertThat(imported.yaml().replace("\"", ""))
        .contains("{ name: Respond, args: { " + arguments + " } }")
        .doesNotContain("Deny=503");
    assertThat(Imports.verdict(imported, line).verdict()).isIn(Verdict.EXACT, Verdict.APPROXIMATED);
  }

  @Rows(
      """
      return status 503 errorfile /long                   | true
      deny deny_status 503 errorfile /long                | true
      return status 503 content-type text/html file /long | true
      return status 503 file /long hdr X-A b              | true
      return status 503 file /long                        | false
      return status 503 errorfile /503                    | false
      """)
  void a_long_text_is_cut_unless_it_is_written_as_it_is(String rule, boolean isCut) {
    String line = "http-request " + rule;
    String text = Imports.verdict(imported(Imports.front(line)), line).text();
    assertThat(text.contains("the text is cut to 16 KB")).isEqualTo(isCut);
  }

  @Test
  void a_backend_without_servers_that_a_variable_chooses_responds_as_its_file_says() {
    String text =
        SECTION
            + Imports.front(
                "http-request set-header X-A b if { path /a }",
                "use_backend closed if { hdr(X-A) b }")
            + "  http-request set-header X-B c\nbackend closed\n  errorfile 503 /own\n";
    assertThat(yaml(text)).contains("text: <p>own</p>").doesNotContain("Deny=503");
  }

  @ParameterizedTest
  @ValueSource(strings = {"listen", "backend"})
  void its_own_rules_that_deny_respond_as_its_file_says(String kind) {
    String lines =
        """
          errorfile 503 /503
          errorfile 404 /404
          http-request deny deny_status 404 if { path /x }
        """;
    String text =
        kind.equals("listen")
            ? "listen closed\n  mode http\n  bind :81\n" + lines
            : closed() + lines;
    assertThat(yaml(text))
        .containsSubsequence("text: <p>gone</p>", "when: path(/x)", "text: <p>soon</p>");
  }

  @Test
  void inherited_files_count_and_the_last_line_of_a_status() {
    String text =
        """
        defaults
          mode http
          errorfile 503 /503
        frontend web
          bind :80
          use_backend other if { path /x }
          default_backend closed
        backend closed
        backend other
          errorfile 503 /own
        """;
    assertThat(yaml(text))
        .containsSubsequence("text: <p>own</p>", "text: <p>soon</p>")
        .doesNotContain("Deny=503");
    assertThat(yaml(closed("errorfile 503 /own", "errorfiles mine")))
        .contains("<p>soon</p>")
        .doesNotContain("<p>own</p>");
  }

  @Test
  void the_report_names_what_an_error_response_lacks() {
    Imported imported = imported(closed("errorfile 503 /braces"));
    assertThat(imported.yaml()).contains("(host) 100%");
    assertThat(Imports.verdict(imported, "errorfile 503 /braces").text())
        .contains("its braces become parentheses");
  }

  @Rows(
      """
      errorfile 503 /none | cannot be read here
      errorfile 503 /long | at most 16 KB
      """)
  void a_file_that_cannot_be_had_is_lost_aloud(String line, String why) {
    Imported imported = imported(closed(line));
    assertThat(imported.yaml()).contains("Deny=503");
    assertThat(Imports.verdict(imported, line).verdict()).isEqualTo(Verdict.UNSUPPORTED);
    assertThat(Imports.verdict(imported, line).text()).contains(why);
  }

  @Test
  void a_file_of_a_status_that_such_a_backend_never_has_is_not_needed() {
    Imported imported = imported(closed("errorfile 404 /own"));
    assertThat(Imports.verdict(imported, "errorfile 404 /own").verdict())
        .isEqualTo(Verdict.NOT_NEEDED);
  }

  @Rows(
      """
      errorfiles mine         | 503: 503.html, 404: 404.html
      errorfiles mine 404     | 404: 404.html
      errorfiles mine 404 503 | 503: 503.html, 404: 404.html
      """)
  void the_files_of_a_section_become_pages_of_a_pool(String line, String pages) {
    Imported imported = imported(SECTION + Imports.back(line));
    assertThat(imported.yaml().replace("\"", "")).contains("error-pages: { " + pages + " }");
    assertThat(imported.extraFiles()).containsValue("<p>gone</p>");
    assertThat(Imports.verdict(imported, line).text()).contains("without Server");
    assertThat(Imports.verdict(imported, "http-errors mine").verdict()).isEqualTo(Verdict.EXACT);
    assertThat(Imports.verdict(imported, "errorfile 404 /404").verdict()).isEqualTo(Verdict.EXACT);
  }

  @Test
  void those_of_a_frontend_become_pages_of_all() {
    assertThat(imported(SECTION + Imports.front("errorfiles mine 404")).yaml())
        .contains("\nerror-pages: { 404: \"404.html\" }");
  }

  @Test
  void a_section_that_is_not_there_is_refused_as_haproxy_does() {
    assertThat(Imports.problems(Imports.back("errorfiles other")))
        .contains("expected the name of an http-errors section, found 'other'");
  }

  @Rows(
      """
      errorfile 503 /503 | without Retry-After
      errorfile 503 /200 | with status 503, not 200
      """)
  void what_a_page_lacks_of_its_file_is_told(String line, String lacks) {
    assertThat(Imports.verdict(imported(Imports.back(line)), line).text()).contains(lacks);
  }

  @Rows(
      """
      http-request return status 404 errorfiles mine
      http-request return status 404 errorfile /404
      http-request deny deny_status 404 errorfiles mine
      http-request deny deny_status 404 errorfile /404
      """)
  void a_rule_responds_with_head_and_body_of_its_file(String line) {
    assertThat(yaml(SECTION + Imports.front(line)))
        .contains(
            "{ name: Respond, args: { status: 404, text: <p>gone</p>, content-type: text/html,"
                + " headers: { Server: x } } }");
  }

  @Test
  void the_sections_own_files_are_those_of_what_denies() {
    assertThat(yaml(Imports.front("http-request return status 404 default-errorfiles")))
        .contains("- Deny=404");
  }

  @Test
  void a_code_that_the_section_lacks_needs_no_page() {
    Imported imported = imported(SECTION + Imports.back("errorfiles mine 500"));
    assertThat(Imports.verdict(imported, "errorfiles mine 500").verdict())
        .isEqualTo(Verdict.NOT_NEEDED);
  }
}
