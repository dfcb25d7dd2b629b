package dev.understudy.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.traffic.ClientSide;
import dev.understudy.traffic.ConnectionEnd;
import dev.understudy.traffic.ConnectionOutcome;
import dev.understudy.traffic.RequestEnd;
import dev.understudy.traffic.RequestOutcome;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lines that readers of HAProxy's log understand. */
class HaproxyLogLineTest {
  private static final Instant AT =
      LocalDateTime.parse("2026-11-23T14:02:09.500").atZone(ZoneId.systemDefault()).toInstant();

  private static final InetSocketAddress CLIENT = new InetSocketAddress("192.0.2.7", 40_000);

  private static ClientSide side(@Nullable String tlsVersion) {
    return new ClientSideOf("main", 8080, tlsVersion, null);
  }

  private static RequestOutcome request(
      @Nullable String server,
      String method,
      int status,
      RequestEnd end,
      long responseMillis,
      @Nullable ClientSide side) {
    return new RequestOutcome(
        null,
        server == null ? null : new PoolId("shop"),
        server == null ? null : new ServerId(server),
        CLIENT,
        "id",
        method,
        "a.test",
        "/a?b=\"c",
        status,
        end,
        server == null ? 0 : 2,
        250_000_000,
        responseMillis < 0 ? -1 : responseMillis * 1_000_000,
        500_000_000,
        3,
        4_096,
        null,
        side);
  }

  private static String line(RequestOutcome request, LogFields fields, @Nullable String... values) {
    StringBuilder to = new StringBuilder();
    HaproxyLogLine.append(to, AT, request, fields, values);
    return to.toString();
  }

  private static String line(RequestOutcome request) {
    return line(request, LogFields.NONE);
  }

  @Test
  void a_request_is_a_line_of_option_httplog() {
    assertThat(line(request("one", "GET", 200, RequestEnd.COMPLETED, 262, side(null))))
        .isEqualTo(
            "192.0.2.7:40000 [23/Nov/2026:14:02:09.000] main shop/one 0/250/0/12/500 200 4096 - -"
                + " ---- 0/0/0/0/1 0/0 \"GET /a?b=#22c HTTP/1.1\"\n");
  }

  @Test
  void a_request_that_no_server_got_has_no_times_of_one_and_tls_has_its_mark() {
    assertThat(line(request(null, "GET", 403, RequestEnd.LOCAL, -1, side("TLSv1.3"))))
        .isEqualTo(
            "192.0.2.7:40000 [23/Nov/2026:14:02:09.000] main~ main/<NOSRV> 0/-1/-1/-1/500 403 4096"
                + " - - PR-- 0/0/0/0/0 0/0 \"GET /a?b=#22c HTTP/1.1\"\n");
  }

  @Test
  void what_is_no_request_is_a_badreq() {
    assertThat(line(request(null, "", 400, RequestEnd.BAD_REQUEST, -1, null)))
        .contains("] - -/<NOSRV> ")
        .endsWith(" PR-- 0/0/0/0/0 0/0 \"<BADREQ>\"\n");
  }

  @Test
  void captured_fields_stand_in_braces_those_of_the_request_first() {
    LogFields fields =
        LogFields.of(
            List.of("{header.X-A}", "{response.header.X-C}", "{client.port}", "{header.X-B}"));
    assertThat(
            line(
                request("one", "GET", 200, RequestEnd.COMPLETED, 1, null),
                fields,
                "a\n#{|}\"é\u20ac b",
                "c",
                "40000",
                null))
        .contains(" 0/0 {a#0A#23#7B#7C#7D#22#E9#E2#82#AC b|} {c} \"GET ");
  }

  @ParameterizedTest
  @CsvSource({
    "COMPLETED, 200, --",
    "LOCAL, 301, LR",
    "LOCAL, 403, PR",
    "NO_SERVER, 503, sQ",
    "HOLD_FULL, 503, PC",
    "SERVER_FAILED, 502, SH",
    "RESPONSE_TIMED_OUT, 504, sH",
    "RESPONSE_BROKEN, 200, SD",
    "STREAM_MOVED, 200, DD",
    "STOPPING, 200, KD",
    "CLIENT_GONE, 0, CH",
    "CLIENT_GONE, 200, CD",
    "BAD_REQUEST, 400, PR",
    "BAD_REQUEST, 408, cR",
    "TUNNEL_CLOSED, 101, --",
    "TUNNEL_TOLD, 101, DD",
    "TUNNEL_IDLE, 101, sD",
    "TUNNEL_BROKEN, 101, SD",
  })
  void the_end_of_a_request_is_a_termination_state(RequestEnd end, int status, String state) {
    assertThat(line(request("one", "GET", status, end, 1, null))).contains(" - - " + state + "-- ");
  }

  @ParameterizedTest
  @CsvSource({
    "CLOSED, 5, --",
    "CLIENT_GONE, 5, CD",
    "SERVER_FAILED, 0, SC",
    "SERVER_FAILED, 5, SD",
    "MOVED, 5, DD",
    "IDLE, 5, sD",
    "NO_SERVER, 0, sQ",
    "HOLD_FULL, 0, PC",
    "STOPPING, 5, KD",
    "REFUSED, 0, PR",
  })
  void a_relayed_connection_is_a_line_of_option_tcplog(
      ConnectionEnd end, long bytesOut, String state) {
    StringBuilder to = new StringBuilder();
    HaproxyLogLine.append(
        to,
        AT,
        new ConnectionOutcome(
            "pg",
            null,
            new PoolId("pg"),
            new ServerId("one"),
            CLIENT,
            end,
            1,
            7_000_000,
            500_000_000,
            3,
            bytesOut));
    assertThat(to)
        .hasToString(
            "192.0.2.7:40000 [23/Nov/2026:14:02:09.000] pg pg/one 7/0/500 %d %s 0/0/0/0/0 0/0\n"
                .formatted(bytesOut, state));
  }
}
