package dev.understudy.command.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.status.JsonValue;
import dev.understudy.testing.Certificates;
import dev.understudy.testing.Rows;
import dev.understudy.testing.ScriptedServer;
import dev.understudy.testing.ScriptedServer.Connection;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two proxies that respond as they are told, and what {@code compare} says of them. */
class CompareCommandTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  @TempDir private Path folder;

  private CommandRun compare(String requests, int first, int second, String... more)
      throws IOException {
    return compareAt(requests, "http://127.0.0.1:" + first, "http://127.0.0.1:" + second, more);
  }

  private CommandRun compareAt(String requests, String first, String second, String... more)
      throws IOException {
    Path file = Files.writeString(folder.resolve("requests.txt"), requests);
    List<String> arguments =
        new ArrayList<>(List.of("compare", first, second, "--requests", file.toString()));
    arguments.addAll(List.of(more));
    return CommandRun.of(arguments);
  }

  private CommandRun compare(String first, String second, String... more) throws IOException {
    try (ScriptedServer one = new ScriptedServer(ScriptedServer.responding(wire(first)));
        ScriptedServer other = new ScriptedServer(ScriptedServer.responding(wire(second)))) {
      return compare("GET /a\n", one.port(), other.port(), more);
    }
  }

  private static String wire(String text) {
    return text.replace("~", "\r\n");
  }

  @Rows(
      """
      # the same, however it is framed
      HTTP/1.1 200 OK~Content-Length: 2~~ok | HTTP/1.1 200 OK~Transfer-Encoding: chunked~~1~o~1;x=y~k~0~~ |
      HTTP/1.1 200 OK~Content-Length: 2~~ok | HTTP/1.0 200 Fine~~ok |
      HTTP/1.1 200 OK~Content-Length: 0~~ | HTTP/1.1 100 Continue~~HTTP/1.1 200 OK~Content-Length: 0~~ |
      # fields that do not count
      HTTP/1.1 204 x~Date: a~Server: b~Via: c~~ | HTTP/1.1 204 x~X-Request-Id: d~age: 1~~ |
      HTTP/1.1 204 x~Set-Cookie: a=1; Path=/; HttpOnly~~ | HTTP/1.1 204 x~Set-Cookie: a=2; httponly; Path=/; Expires=x~~ |
      # what does
      HTTP/1.1 204 x~~ | HTTP/1.1 302 x~Content-Length: 0~~ | status / 204 / 302
      HTTP/1.1 204 x~Location: /a~~ | HTTP/1.1 204 x~~ | header location / /a / (none)
      HTTP/1.1 204 x~X: 1~X: 2~~ | HTTP/1.1 204 x~X: 2~X: 1~~ | header x / 1, 2 / 2, 1
      HTTP/1.1 204 x~Set-Cookie: a=1; Path=/~~ | HTTP/1.1 204 x~Set-Cookie: a=1~~ | header set-cookie / a=…; path=/ / a=…
      HTTP/1.1 200 x~Content-Length: 5~~abcde | HTTP/1.1 200 x~Content-Length: 6~~abxdef | body / 5 bytes (SHA-256 / from byte 2 on 'cde' / 6 bytes / from byte 2 on 'xdef'
      # one ends early, or is no response
      HTTP/1.1 200 x~Content-Length: 5~~abc | HTTP/1.1 200 x~Content-Length: 5~~abcde | response / closed before the response's end / status 200
      HTTP/1.1 200 x~Transfer-Encoding: chunked~~zz~ | HTTP/1.1 204 x~~ | response / the size of a chunk is no number
      HTTP/1.1 200 x~Transfer-Encoding: chunked~~5~ab | HTTP/1.1 204 x~~ | response / closed before
      SSH-2.0-x~ | HTTP/1.1 204 x~~ | response / it does not respond in HTTP/1
      HTTP/1.1 200 x~no field~~ | HTTP/1.1 204 x~~ | response / a line of the head is no field
      HTTP/1.1 200 x~Content-Length: -1~~ | HTTP/1.1 204 x~~ | response / its Content-Length is no number
      """)
  void differences_are_those_that_clients_notice(String first, String second, String said)
      throws IOException {
    CommandRun ran = compare(first, second);
    assertThat(ran.err()).isEmpty();
    if (said == null) {
      assertThat(ran.out()).isEqualTo("requests: 1, alike: 1, different: 0\n");
      assertThat(ran.status()).isZero();
    } else {
      assertThat(ran.out())
          .startsWith("1: GET /a\n")
          .containsSubsequence(said.split(" / "))
          .endsWith("requests: 1, alike: 0, different: 1\n");
      assertThat(ran.status()).isEqualTo(1);
    }
  }

  @Test
  void responses_that_both_end_early_differ_by_their_status() throws IOException {
    String begun = "HTTP/1.1 200 x~Content-Length: 5~~abc";
    assertThat(compare(wire(begun), wire(begun.replace("200", "502"))).out())
        .contains(
            ": closed before the response's end, behind a head with status 200\n",
            ": closed before the response's end, behind a head with status 502\n");
  }

  @Test
  void fields_may_be_left_out() throws IOException {
    assertThat(compare(wire("HTTP/1.1 204 x~Etag: 1~~"), wire("HTTP/1.1 204 x~~"), "--ignore=ETag"))
        .extracting(CommandRun::status)
        .isEqualTo(0);
  }

  @Test
  void both_get_the_request_as_it_stands_and_the_same_host() throws IOException {
    List<String> heads = new CopyOnWriteArrayList<>();
    ScriptedServer.Script script =
        connection -> {
          String head = connection.readHead();
          if (!head.isEmpty()) {
            heads.add(head);
            connection.send(OK);
          }
        };
    try (ScriptedServer one = new ScriptedServer(script);
        ScriptedServer other = new ScriptedServer(script)) {
      String requests = "GET //a/../b?x=%zz\n  X-One: 1\nDELETE /c\n";
      CommandRun ran = compare(requests, one.port(), other.port());
      assertThat(ran.out()).contains("not sent as they may change something", ": 1");
      assertThat(heads)
          .containsOnly(
              wire(
                  "GET //a/../b?x=%zz HTTP/1.1~Host: 127.0.0.1:"
                      + one.port()
                      + "~X-One: 1~Connection: close~~"))
          .hasSize(2);
      heads.clear();
      compare("DELETE /c\n", one.port(), other.port(), "--unsafe", "--host=www.example.com");
      assertThat(heads)
          .containsOnly(
              wire(
                  "DELETE /c HTTP/1.1~Host: www.example.com~Content-Length: 0~Connection:"
                      + " close~~"));
    }
  }

  @Test
  void a_document_has_each_difference() throws IOException {
    CommandRun ran =
        compare("HTTP/1.1 204 x~~", "HTTP/1.1 500 x~Content-Length: 0~~", "-o", "json");
    JsonValue document = JsonValue.parse(ran.out().getBytes(StandardCharsets.UTF_8));
    assertThat(document.at("requests").whole()).isEqualTo(1);
    assertThat(document.at("different").whole()).isEqualTo(1);
    JsonValue difference = document.at("differences").list().getFirst();
    Map.of("method", "GET", "target", "/a", "of", "status", "first", "204", "second", "500")
        .forEach((name, value) -> assertThat(difference.at(name).text()).isEqualTo(value));
    assertThat(ran.status()).isEqualTo(1);
  }

  private static void endless(Connection connection, String head, String piece) throws IOException {
    connection.readHead();
    connection.send(head);
    OutputStream out = connection.socket().getOutputStream();
    byte[] bytes = piece.repeat(1000).getBytes(StandardCharsets.US_ASCII);
    try {
      while (true) {
        out.write(bytes);
      }
    } catch (IOException e) {
      // The command has read enough.
    }
  }

  @Test
  void a_body_without_an_end_is_compared_up_to_the_bound() throws IOException {
    ScriptedServer.Script script =
        connection -> endless(connection, "HTTP/1.1 200 OK\r\n\r\n", "x");
    try (ScriptedServer one = new ScriptedServer(script);
        ScriptedServer other = new ScriptedServer(script)) {
      CommandRun ran = compare("GET /\n", one.port(), other.port(), "--max-body=5000");
      assertThat(ran.out()).contains("alike: 1");
    }
    String large = "HTTP/1.1 200 OK\r\nContent-Length: 900000000000\r\n\r\n";
    try (ScriptedServer one = new ScriptedServer(connection -> endless(connection, large, "x"));
        ScriptedServer other = new ScriptedServer(ScriptedServer.responding(OK))) {
      assertThat(compare("GET /\n", one.port(), other.port(), "--max-body=9").out())
          .contains("more than 9 bytes", "2 bytes");
    }
  }

  @Test
  void a_head_without_an_end_is_no_response() throws IOException {
    try (ScriptedServer one =
            new ScriptedServer(
                connection -> endless(connection, "HTTP/1.1 200 OK\r\n", "X: y\r\n"));
        ScriptedServer other = new ScriptedServer(ScriptedServer.responding(OK))) {
      assertThat(compare("GET /\n", one.port(), other.port()).out())
          .contains("its head has more than 262144 bytes");
    }
  }

  /** Sends a text, and then a byte again and again until the command has ended. */
  private static void trickle(Connection connection, String begin, CountDownLatch ended)
      throws IOException, InterruptedException {
    connection.send(begin);
    while (!ended.await(20, TimeUnit.MILLISECONDS)) {
      connection.send("1");
    }
  }

  @Test
  void the_time_of_a_request_ends_it_whatever_comes_meanwhile() throws Exception {
    Map<String, String> begins = new LinkedHashMap<>();
    begins.put("/status", "HTTP/1.1 2");
    begins.put("/field", "HTTP/1.1 200 OK\r\nX: ");
    begins.put("/interim", "HTTP/1.1 100 Continue\r\nX: ");
    begins.put("/length", "HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n");
    begins.put("/size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0;");
    begins.put("/chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n");
    begins.put("/trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ");
    begins.put("/rest", "HTTP/1.1 200 OK\r\n\r\n");
    CountDownLatch ended = new CountDownLatch(1);
    ScriptedServer.Script trickling =
        connection -> {
          String begin = begins.get(connection.readHead().split(" ", 3)[1]);
          if (begin == null) {
            ended.await();
          } else {
            trickle(connection, begin, ended);
          }
        };
    String requests = "GET /nothing\nGET " + String.join("\nGET ", begins.keySet()) + "\n";
    try (ScriptedServer one = new ScriptedServer(trickling);
        ScriptedServer other = new ScriptedServer(ScriptedServer.responding(OK))) {
      List<String> said =
          compare(
                  requests,
                  one.port(),
                  other.port(),
                  "--timeout=1",
                  "--concurrency=" + (begins.size() + 1))
              .out()
              .lines()
              .filter(line -> line.contains("http://127.0.0.1:" + one.port() + ": "))
              .toList();
      assertThat(said)
          .hasSize(begins.size() + 1)
          .allMatch(line -> line.contains(": no whole response within 1000 ms"));
    } finally {
      ended.countDown();
    }
  }

  @Test
  void the_time_of_a_request_ends_it_while_nobody_reads_it() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    // More than the buffers of a connection hold.
    String request = "GET /\n X: " + "x".repeat(16 << 20) + "\n";
    try (ScriptedServer one = new ScriptedServer(connection -> ended.await());
        ScriptedServer other = new ScriptedServer(connection -> connection.send(OK))) {
      assertThat(compare(request, one.port(), other.port(), "--timeout=1").out())
          .contains("http://127.0.0.1:" + one.port() + ": no whole response within 1000 ms");
    } finally {
      ended.countDown();
    }
  }

  @Test
  void a_response_before_the_whole_request_is_one() throws Exception {
    String request = "GET /\n X: " + "x".repeat(16 << 20) + "\n";
    ScriptedServer.Script early =
        connection -> connection.send("HTTP/1.1 413 x\r\nContent-Length: 0\r\n\r\n");
    try (ScriptedServer one = new ScriptedServer(early);
        ScriptedServer other = new ScriptedServer(early)) {
      assertThat(compare(request, one.port(), other.port()).out())
          .isEqualTo("requests: 1, alike: 1, different: 0\n");
    }
  }

  @Test
  void the_time_of_a_request_ends_its_handshake() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    // The head of a record of TLS that has 16384 bytes.
    String record = "\026\003\003\100\000";
    try (ScriptedServer one = new ScriptedServer(connection -> trickle(connection, record, ended));
        ScriptedServer other = new ScriptedServer(ScriptedServer.responding(OK))) {
      assertThat(
              compareAt(
                      "GET /\n",
                      "https://127.0.0.1:" + one.port(),
                      "http://127.0.0.1:" + other.port(),
                      "--timeout=1",
                      "--insecure")
                  .out())
          .contains("no whole response within 1000 ms", "status 200");
    } finally {
      ended.countDown();
    }
  }

  @Test
  void connections_that_both_close_are_alike_but_alone_they_prove_nothing() throws IOException {
    ScriptedServer.Script closing =
        connection -> {
          if (connection.readHead().startsWith("GET /a ")) {
            connection.send(OK);
          }
        };
    try (ScriptedServer one = new ScriptedServer(closing);
        ScriptedServer other = new ScriptedServer(closing)) {
      CommandRun ran = compare("GET /a\nGET /closed\n", one.port(), other.port());
      assertThat(ran.out()).contains("alike: 2", "without a response from either: 1");
      assertThat(ran.status()).isZero();
      assertThat(compare("GET /closed\n", one.port(), other.port()).status()).isEqualTo(2);
    }
  }

  @Test
  void what_a_proxy_sends_commands_no_terminal() throws IOException {
    CommandRun ran =
        compare("HTTP/1.1 204 x~X: \u001b[31m~~", "HTTP/1.1 200 x~Content-Length: 2~~\u001b[");
    assertThat(ran.out()).doesNotContain("\u001b").contains("\\u001b[31m");
  }

  @Rows(
      """
      # URLs and options
      http://127.0.0.1:9/a   |                  | expected http://HOST:PORT or https://HOST:PORT without a path, found 'http://127.0.0.1:9/a'
      ftp://127.0.0.1        |                  | expected http://HOST:PORT
      http://u:p@127.0.0.1   |                  | expected http://HOST:PORT
      127.0.0.1:80           |                  | expected http://HOST:PORT
      http://127.0.0.1:99999 |                  | expected http://HOST:PORT
      http://127.0.0.1:9     | --host=a%0Db     | --host: expected a host
      http://127.0.0.1:9     | --rate=0         | --rate: expected a number from 1 to 10000, found 0
      http://127.0.0.1:9     | --concurrency=99 | --concurrency: expected a number from 1 to 32, found 99
      http://127.0.0.1:9     | --timeout=0      | --timeout: expected a number from 1 to 600, found 0
      http://127.0.0.1:9     | --max-body=-1    | --max-body: expected a number from 0 to 67108864, found -1
      http://127.0.0.1:9     | --ca-file=none   | --ca-file none: cannot be read
      """)
  void wrong_arguments_are_named(String url, String option, String said) throws IOException {
    String second = said.startsWith("--ca-file") ? url.replace("http:", "https:") : url;
    CommandRun ran =
        option == null
            ? compareAt("GET /\n", url, second)
            : compareAt("GET /\n", url, second, option.replace("%0D", "\r"));
    assertThat(ran.err()).contains(said);
    assertThat(ran.status()).isEqualTo(2);
  }

  @Test
  void a_closed_port_is_named_and_nothing_is_sent() throws IOException {
    int closed;
    try (ServerSocket free = new ServerSocket(0)) {
      closed = free.getLocalPort();
    }
    try (ScriptedServer one = new ScriptedServer(ScriptedServer.responding(OK))) {
      CommandRun ran = compare("GET /\n", one.port(), closed);
      assertThat(ran.status()).isEqualTo(2);
      assertThat(ran.err()).contains("cannot reach http://127.0.0.1:" + closed, "refused");
      assertThat(compare("POST /\n", one.port(), one.port()).err())
          .contains("expected a request of GET, HEAD or OPTIONS, found none");
    }
  }

  @Test
  void certificates_are_verified_for_the_host_unless_any_is_trusted() throws Exception {
    Certificates certificates = new Certificates(folder);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(
        certificates.issue("site", "www.example.com").toKeyManagerFactory().getKeyManagers(),
        null,
        null);
    ServerSocketFactory sockets = context.getServerSocketFactory();
    try (ScriptedServer one = new ScriptedServer(sockets, ScriptedServer.responding(OK));
        ScriptedServer other = new ScriptedServer(sockets, ScriptedServer.responding(OK))) {
      String first = "https://127.0.0.1:" + one.port();
      String second = "https://127.0.0.1:" + other.port();
      String trusted = "--ca-file=" + certificates.authorityFile();
      assertThat(compareAt("GET /\n", first, second, trusted, "--host=www.example.com").out())
          .contains("alike: 1");
      assertThat(compareAt("GET /\n", first, second, trusted, "--host=other.example").status())
          .isEqualTo(2);
      assertThat(compareAt("GET /\n", first, second, "--insecure", "--host=a_b").out())
          .contains("alike: 1");
      assertThat(
              compareAt("GET /\n", first, "http://127.0.0.1:" + other.port(), "--insecure").out())
          .contains("status 200");
    }
  }
}
