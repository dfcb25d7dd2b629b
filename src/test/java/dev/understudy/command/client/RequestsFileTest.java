package dev.understudy.command.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.testing.Rows;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The files that {@code compare} reads. */
class RequestsFileTest {
  private static List<ComparedRequest> requests(String text) {
    return RequestsFile.parse("requests.txt", text).requests();
  }

  @Test
  void lines_are_requests_with_fields_and_a_body() {
    assertThat(
            requests(
                """
                # what the shop has
                GET /?q=%zz|x

                POST /cart
                  Content-Type: text/plain
                  Host: shop.example:8080
                  | one
                  |
                  | two
                OPTIONS *
                """))
        .containsExactly(
            new ComparedRequest(2, "GET", "/?q=%zz|x", null, List.of(), ""),
            new ComparedRequest(
                4,
                "POST",
                "/cart",
                "shop.example:8080",
                List.of("Content-Type: text/plain"),
                "one\n\ntwo"),
            new ComparedRequest(10, "OPTIONS", "*", null, List.of(), ""));
  }

  @Test
  void lines_of_the_log_are_requests_each_once_and_those_without_a_whole_one_are_counted() {
    String begin = "haproxy[1]: 10.0.0.1:5 [x] web app/a 0/0/0/1/1 200 9 - - ---- 1/1 {a|b} ";
    RequestsFile file =
        RequestsFile.parse(
            "haproxy.log",
            String.join(
                "\n",
                begin + "\"GET /a?b=c HTTP/1.1\"",
                begin + "\"GET /a?b=c HTTP/1.1\"",
                begin + "\"GET https://shop.example:8443/b HTTP/2.0\"",
                begin + "\"<BADREQ>\"",
                begin + "\"GET /cut-off",
                begin + "\"CONNECT a:443 HTTP/1.1\"",
                begin + "\"POST / HTTP/1.1\"",
                "Nov 30 01:02:03 lb haproxy[1]: Server app/a is DOWN, reason: Layer4 timeout.",
                "<5>haproxy[1]: Proxy app started."));
    assertThat(file.requests())
        .containsExactly(
            new ComparedRequest(1, "GET", "/a?b=c", null, List.of(), ""),
            new ComparedRequest(3, "GET", "/b", "shop.example:8443", List.of(), ""),
            new ComparedRequest(7, "POST", "/", null, List.of(), ""));
    assertThat(file.unreadable()).isEqualTo(5);
  }

  @Rows(
      """
      # what HAProxy encodes (manual, 8.6) is sent as it came
      "GET /a#22b#23c#2cd HTTP/1.1"        | GET /a"b#c,d
      "GET /#41?b=#5C HTTP/1.1"            | GET /A?b=\\
      "GET https://a.example/#22 HTTP/2.0" | GET /"
      # nothing is sent that a request line cannot have, or that HAProxy does not write
      "GET /#C3#A9 HTTP/1.1"               | unreadable
      "GET /a#20b HTTP/1.1"                | unreadable
      "GET /a#0D#0AX:#20b HTTP/1.1"        | unreadable
      "GET /a#b HTTP/1.1"                  | unreadable
      "GET /a#2 HTTP/1.1"                  | unreadable
      "GET /a# HTTP/1.1"                   | unreadable
      # fields of option httpslog, and quotes that a receiver has escaped
      "GET /a HTTP/1.1" 0/0000000000000000/0/0/0 a.example/TLSv1.3/TLS_AES_256_GCM_SHA384 | GET /a
      "<BADREQ>" 0/0000000000000000/0/0/0 -/-/- | unreadable
      \\"GET /a HTTP/1.1\\"               | GET /a
      \\"<BADREQ>\\"                      | unreadable
      """)
  void requests_of_the_log_are_those_that_came(String logged, String expected) {
    String begin = "10.0.0.1:5 [x] web~ app/a 0/0/0/1/1 200 9 - - ---- 1/1/0/0/0 0/0 ";
    RequestsFile file = RequestsFile.parse("haproxy.log", "GET /\n" + begin + logged);
    boolean isSent = !expected.equals("unreadable");
    assertThat(file.requests().stream().skip(1).map(each -> each.method() + ' ' + each.target()))
        .containsExactlyElementsOf(isSent ? List.of(expected) : List.of());
    assertThat(file.unreadable()).isEqualTo(isSent ? 0 : 1);
  }

  @Rows(
      """
      # nothing that would be another message, or end this one elsewhere
      GET /a HTTP/1.1;     | 1: expected 'METHOD /path'
      GET http://a/        | 1: expected a path of visible ASCII characters that begins with '/', found 'http://a/'
      GET /é               | 1: expected a path of visible ASCII characters
      CONNECT /a           | 1: expected a method other than CONNECT
      GET /;~ A: b%r%X: c  | 3: expected 'METHOD /path', an indented field
      GET /;~ A : b        | 2: expected a field 'Name: value'
      GET /;~ A: é         | 2: expected a field 'Name: value'
      GET /;~ Content-Length: 5       | 2: expected a field other than those that the command sets itself, found 'Content-Length'
      GET /;~ transfer-encoding: x    | 2: expected a field other than
      GET /;~ Connection: x           | 2: expected a field other than
      GET /;~ Host: a b               | 2: expected one field Host
      GET /;~ Host: a@b               | 2: expected one field Host
      GET /;~ Host: a;~ Host: b       | 3: expected one field Host
      # parts belong to a request
      ~ A: b               | 1: expected 'METHOD /path' before an indented line
      ;# nothing           | 1: expected at least one request, such as 'GET /'
      nonsense             | 1: expected 'METHOD /path', an indented field or body
      """)
  void what_is_wrong_is_named_with_its_line(String text, String said) {
    String file = text.replace(";", "\n").replace("~", " ").replace("%r%", "\r").strip();
    file = text.startsWith("~") ? " " + file : file;
    String whole = file;
    assertThatThrownBy(() -> requests(whole))
        .isInstanceOf(ClientFailure.class)
        .hasMessageContaining("requests.txt:" + said);
  }

  @Test
  void there_are_at_most_so_many() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i <= RequestsFile.MOST; i++) {
      text.append("GET /").append(i).append('\n');
    }
    assertThatThrownBy(() -> requests(text.toString()))
        .hasMessageContaining("expected at most 10000 different requests");
  }
}
