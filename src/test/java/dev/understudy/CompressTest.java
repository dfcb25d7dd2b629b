package dev.understudy;

import static dev.understudy.TestProxy.LANES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.testing.Protocol;
import dev.understudy.testing.RawClient;
import dev.understudy.testing.Response;
import dev.understudy.testing.Trusting;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code Compress} on sockets, the same in both lanes and all protocols. */
class CompressTest {
  @AutoClose private static TestProxy proxy;
  @AutoClose private static HttpClient client;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    proxy =
        TestProxy.lanes(
            folder,
            """
            all: [ Compress ]
            html: [ 'Compress=text/html, text/css' ]
            long: [ { name: Compress, args: { types: [ text/plain ], level: 9, min-size: 10 } } ]
            events: [ 'Compress=text/event-stream' ]
            offload: [ 'Compress', 'RemoveRequestHeader=Accept-Encoding' ]
            set: [ 'Compress', 'SetResponseHeader=X-A,1' ]
            """);
    client = HttpClient.newBuilder().sslContext(Trusting.anonymous()).build();
  }

  private static HttpRequest.Builder request(Protocol protocol, String path) {
    return HttpRequest.newBuilder(
            URI.create(
                (protocol.isSecure() ? "https" : "http")
                    + "://localhost:"
                    + proxy.port(protocol)
                    + path))
        .version(
            protocol == Protocol.HTTP_2 ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1);
  }

  private static HttpResponse<byte[]> get(Protocol protocol, String path, String accept)
      throws Exception {
    return client.send(
        request(protocol, path).header("Accept-Encoding", accept).build(),
        BodyHandlers.ofByteArray());
  }

  private static byte[] unzip(byte[] body) throws IOException {
    return new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes();
  }

  /** The server sends this page, with or without its length. */
  private static byte[] page(int size, boolean chunked, String fields) {
    String text = "<p>a line of a page, and another</p>\n".repeat(size / 37 + 1).substring(0, size);
    proxy.server.script(
        call -> {
          if (chunked) {
            call.write(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n%sTransfer-Encoding: chunked\r\n\r\n"
                    .formatted(fields));
            int half = size / 2;
            call.write(Integer.toHexString(half) + "\r\n" + text.substring(0, half) + "\r\n");
            call.write(
                Integer.toHexString(size - half) + "\r\n" + text.substring(half) + "\r\n0\r\n\r\n");
          } else {
            call.write(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n%sContent-Length: %d\r\n\r\n%s"
                    .formatted(fields, size, text));
          }
        });
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @EachWay
  void pages_are_compressed_for_clients_that_take_it(String lane, Protocol protocol)
      throws Exception {
    for (int size : List.of(300, 5_000, 1_000_000)) {
      for (boolean chunked : List.of(false, true)) {
        byte[] page = page(size, chunked, "ETag: \"x\"\r\n");
        HttpResponse<byte[]> zipped = get(protocol, lane + "all", "gzip, br");
        assertThat(zipped.headers().firstValue("content-encoding")).hasValue("gzip");
        assertThat(zipped.headers().firstValue("content-length")).isEmpty();
        assertThat(zipped.headers().firstValue("vary")).hasValue("accept-encoding");
        assertThat(zipped.headers().firstValue("etag")).hasValue("W/\"x\"");
        assertThat(zipped.body().length).isLessThan(size / 2);
        assertThat(unzip(zipped.body())).isEqualTo(page);
        HttpResponse<byte[]> plain = get(protocol, lane + "all", "br");
        assertThat(plain.headers().firstValue("content-encoding")).isEmpty();
        assertThat(plain.headers().firstValue("vary")).hasValue("accept-encoding");
        assertThat(plain.headers().firstValue("etag")).hasValue("\"x\"");
        assertThat(plain.body()).isEqualTo(page);
      }
    }
  }

  /** Fields of the 304 with their {@code Vary}, and whether the 200 would be compressed. */
  @ParameterizedTest
  @CsvSource({
    "'', accept-encoding, true",
    "Content-Type: text/html, accept-encoding, true",
    "Vary: Accept-Encoding, Accept-Encoding, true",
    "Content-Type: image/png, , false",
    "Content-Encoding: br, , false",
    "Cache-Control: no-transform, , false",
  })
  void a_304_has_the_fields_of_its_200(String field, @Nullable String vary, boolean zips)
      throws Exception {
    proxy.server.script(
        call ->
            call.write(
                "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\nAccept-Ranges: bytes\r\n%s\r\n"
                    .formatted(field.isEmpty() ? "" : field + "\r\n")));
    for (String lane : LANES) {
      for (Protocol protocol : Protocol.STATIC) {
        HttpHeaders zipped = get(protocol, lane + "all", "gzip").headers();
        assertThat(zipped.firstValue("vary")).isEqualTo(Optional.ofNullable(vary));
        assertThat(zipped.firstValue("etag")).hasValue(zips ? "W/\"x\"" : "\"x\"");
        assertThat(zipped.firstValue("accept-ranges").isEmpty()).isEqualTo(zips);
        HttpHeaders plain = get(protocol, lane + "all", "br").headers();
        assertThat(plain.firstValue("vary")).isEqualTo(Optional.ofNullable(vary));
        assertThat(plain.firstValue("etag")).hasValue("\"x\"");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "html, text/html, 5000, true",
    "long, text/html, 5000, false",
    "set, text/html, 5000, true",
    "all, text/html, 200, false",
    "html, , 300, false",
    "long, text/plain, 20, true",
    "all, text/plain, 20, false",
  })
  void the_arguments_say_which(String path, @Nullable String type, int size, boolean zips)
      throws Exception {
    String field = type == null ? "" : "Content-Type: " + type + "\r\n";
    String head = "HTTP/1.1 200 OK\r\n" + field + "Content-Length: " + size + "\r\n\r\n";
    proxy.server.script(call -> call.write(head + "x".repeat(size)));
    for (String lane : LANES) {
      assertThat(isZipped(lane + path)).isEqualTo(zips);
    }
  }

  private static boolean isZipped(String path) throws Exception {
    Optional<String> encoding =
        get(Protocol.HTTP_1_1, path, "gzip").headers().firstValue("content-encoding");
    return encoding.isPresent();
  }

  @EachLane
  void a_server_that_must_not_compress_is_not_asked_to(String lane) throws Exception {
    page(5_000, false, "");
    int before = proxy.server.calls().size();
    assertThat(isZipped(lane + "offload")).isTrue();
    assertThat(proxy.server.calls().get(before).header("accept-encoding")).isNull();
    assertThat(isZipped(lane + "all")).isTrue();
    assertThat(proxy.server.calls().getLast().header("accept-encoding")).isEqualTo("gzip");
  }

  @EachLane
  void head_and_http_1_0_get_the_response_as_it_is(String lane) {
    page(5_000, false, "");
    try (RawClient raw = new RawClient(proxy.port(Protocol.HTTP_1_1))) {
      raw.request("HEAD", lane + "all", "Accept-Encoding: gzip");
      Response head = raw.response("HEAD");
      assertThat(head.header("content-length")).isEqualTo("5000");
      assertThat(head.header("content-encoding")).isNull();
      raw.send("GET " + lane + "all HTTP/1.0\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n");
      Response old = raw.response();
      assertThat(old.header("content-encoding")).isNull();
      assertThat(old.body()).hasSize(5_000);
    }
  }

  @EachWay
  void events_arrive_as_they_are_sent(String lane, Protocol protocol) throws Exception {
    CountDownLatch read = new CountDownLatch(1);
    proxy.server.script(
        call -> {
          call.write(
              "HTTP/1.1 200 OK\r\n"
                  + "Content-Type: text/event-stream\r\n"
                  + "Transfer-Encoding: chunked\r\n\r\n");
          call.write("9\r\ndata: 1\n\n\r\n");
          read.await();
          call.write("9\r\ndata: 2\n\n\r\n0\r\n\r\n");
        });
    HttpResponse<InputStream> events =
        client.send(
            request(protocol, lane + "events").header("Accept-Encoding", "gzip").build(),
            BodyHandlers.ofInputStream());
    assertThat(events.headers().firstValue("content-encoding")).hasValue("gzip");
    try (InputStream in = new GZIPInputStream(events.body())) {
      assertThat(new String(in.readNBytes(9), StandardCharsets.UTF_8)).isEqualTo("data: 1\n\n");
      read.countDown();
      assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("data: 2\n\n");
    }
  }

  @EachWay
  void a_response_that_its_server_breaks_off_does_not_look_whole(String lane, Protocol protocol) {
    proxy.server.script(
        call -> {
          call.write(
              "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 9000\r\n\r\n"
                  + "x".repeat(4_000));
          call.close();
        });
    assertThatThrownBy(() -> get(protocol, lane + "all", "gzip")).isInstanceOf(IOException.class);
  }

  @EachLane
  void the_access_log_has_the_bytes_that_were_sent(String lane) throws Exception {
    page(100_000, false, "");
    String target = lane + "all?log";
    byte[] body = get(Protocol.HTTP_1_1, target, "gzip").body();
    assertThat(proxy.logged(target)).contains("out=" + body.length + " ");
  }
}
