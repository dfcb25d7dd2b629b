package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.Extent;
import dev.understudy.testing.RawClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Request smuggling (RFC 9112 §11.2) behind a body whose framing breaks: whatever became of its
 * request, nothing that follows on the connection is ever a request, and the one final response
 * reaches the client.
 */
@Tag(Extent.FULL)
@ParameterizedClass
@MethodSource("http1")
class BrokenFramingTest extends LaneProtocolTable {
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 ([2-5]\\d\\d) ");

  /** What has become of the request when its framing breaks. */
  enum When {
    REFUSED_BY_US("", "403"),
    ANSWERED_BY_THE_SERVER("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nearly", "200"),
    RESPONSE_UNDER_WAY("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nearly", "200"),
    AT_THE_SERVER("", "400"),
    HELD("", "400"),
    TOLD_TO_CONTINUE("HTTP/1.1 100 Continue\r\n\r\n", "400"),
    PIPELINED("", "200", "400");

    /** What the server sends before the framing breaks. */
    final String begun;

    final List<String> responses;

    When(String begun, String... responses) {
      this.begun = begun;
      this.responses = List.of(responses);
    }
  }

  /** Bytes after the first chunk that are no chunk. */
  enum How {
    NO_SIZE("zz\r\n"),
    OVERFLOWING_SIZE("fffffffff\r\n"),
    NO_LINE_END_AFTER_DATA("5\r\nhelloXX"),
    BARE_LF_AFTER_SIZE("5\nhello\r\n"),
    LONG_EXTENSION("5;" + "x".repeat(9000) + "\r\nhello\r\n"),
    MALFORMED_TRAILER("0\r\nX y\r\n\r\n"),
    LARGE_TRAILER("0\r\nX: " + "y".repeat(70_000) + "\r\n\r\n");

    final String bytes;

    How(String bytes) {
      this.bytes = bytes;
    }
  }

  record Row(When when, How how, boolean ownSegment) {
    @Override
    public String toString() {
      return when + ", " + how + (ownSegment ? ", in its own segment" : ", in the same segment");
    }
  }

  static Stream<Row> rows() {
    List<Row> rows = new ArrayList<>();
    for (When when : When.values()) {
      for (How how : how(when)) {
        rows.add(new Row(when, how, true));
        rows.add(new Row(when, how, false));
      }
    }
    return Extent.byTurns(rows.stream());
  }

  /** Every break in the two states that differ most, else one. */
  private static List<How> how(When when) {
    return when == When.REFUSED_BY_US || when == When.AT_THE_SERVER
        ? Arrays.asList(How.values())
        : List.of(How.NO_SIZE, How.MALFORMED_TRAILER);
  }

  @ParameterizedTest
  @MethodSource("rows")
  void nothing_behind_a_broken_body_is_a_request(Row row) {
    start(two());
    RawClient client = begin(row.when());
    byte[] broken = row.how().bytes.getBytes(StandardCharsets.ISO_8859_1);
    byte[] smuggled =
        "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n".repeat(3).getBytes(StandardCharsets.US_ASCII);
    if (row.ownSegment()) {
      client.write(broken);
      aRoundTripPasses(row.when());
      sendWhatIsTaken(client, smuggled);
    } else {
      ByteArrayOutputStream both = new ByteArrayOutputStream();
      both.writeBytes(broken);
      both.writeBytes(smuggled);
      sendWhatIsTaken(client, both.toByteArray());
    }
    if (row.when() == When.PIPELINED) {
      go.countDown();
    }
    assertThat(statuses(everythingFrom(client))).isEqualTo(row.when().responses);
    assertThat(master.calls()).noneMatch(call -> call.line().contains("smuggled"));
    assertThat(backup.calls()).noneMatch(call -> call.line().contains("smuggled"));
  }

  /** Brings a request with a chunked body to that point, its first chunk sent. */
  private RawClient begin(When when) {
    String target = when == When.REFUSED_BY_US ? "/guarded" : "/upload";
    RawClient client = raw();
    if (when != When.REFUSED_BY_US) {
      master.script(
          call -> {
            call.write(when.begun);
            if (call.line().startsWith("GET /first")) {
              go.await();
              call.reply(200, "first");
            } else if (when == When.PIPELINED) {
              call.body();
            } else {
              go.await();
            }
          });
    }
    if (when == When.HELD) {
      pools.serve(null);
    } else if (when == When.PIPELINED) {
      client.request("GET", "/first");
    }
    String[] fields =
        when == When.TOLD_TO_CONTINUE
            ? new String[] {"Expect: 100-continue"}
            : new String[] {"X: y"};
    client.begin("POST", target, -1, fields);
    if (when == When.TOLD_TO_CONTINUE) {
      client.awaitBody(0);
    }
    client.body("hello".getBytes(StandardCharsets.US_ASCII));
    switch (when) {
      case REFUSED_BY_US -> client.awaitBody(1);
      case ANSWERED_BY_THE_SERVER, RESPONSE_UNDER_WAY -> client.awaitBody(5);
      case HELD -> Await.until("it is held", () -> seen.held.get() == 1);
      default -> Await.until("it is at the server", () -> master.calls().size() == 1);
    }
    return client;
  }

  /** So that what follows is read by itself. */
  private void aRoundTripPasses(When when) {
    if (when == When.REFUSED_BY_US) {
      assertThat(client().get("/other").status()).isEqualTo(200);
    } else {
      client().begin("POST", "/guarded", 1).response();
    }
  }

  private static void sendWhatIsTaken(RawClient client, byte[] bytes) {
    try {
      client.write(bytes);
    } catch (UncheckedIOException e) {
      // The connection has ended already, as it may.
    }
  }

  private static String everythingFrom(RawClient client) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    try {
      client.socket().setSoTimeout(10_000);
      client.in().transferTo(all);
    } catch (IOException e) {
      // What came before the connection broke is to be judged.
    }
    return all.toString(StandardCharsets.ISO_8859_1);
  }

  private static List<String> statuses(String received) {
    return STATUS.matcher(received).results().map(found -> found.group(1)).toList();
  }
}
