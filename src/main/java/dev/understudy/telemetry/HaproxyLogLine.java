package dev.understudy.telemetry;

import dev.understudy.traffic.ClientSide;
import dev.understudy.traffic.ConnectionOutcome;
import dev.understudy.traffic.RequestOutcome;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Formats one request or relayed connection as HAProxy's {@code option httplog} and {@code option
 * tcplog} do (HAProxy's configuration manual, section 8.2), without a syslog header, so that {@code
 * halog} and others that read such lines go on. The listener is the frontend, the pool the backend.
 *
 * <p>Not known, and written as 0: the time of the connection to the server, which is part of that
 * of the response, and the numbers of connections.
 */
final class HaproxyLogLine {
  private static final String NO_SERVER = "<NOSRV>";
  private static final HexFormat HEX = HexFormat.of().withUpperCase();
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss.SSS", Locale.ROOT)
          .withZone(ZoneId.systemDefault());

  private HaproxyLogLine() {}

  /**
   * Appends the line of a request; its captured fields are the further fields of the access log.
   *
   * @param values of the further fields
   */
  static void append(
      StringBuilder to,
      Instant at,
      RequestOutcome request,
      LogFields fields,
      @Nullable String[] values) {
    ClientSide side = request.side();
    begin(to, request.client(), at, request.durationNanos());
    String frontend = side == null ? "-" : side.listener();
    to.append(frontend).append(side != null && side.tlsVersion() != null ? "~ " : " ");
    to.append(request.pool() == null ? frontend : request.pool()).append('/');
    to.append(request.server() == null ? NO_SERVER : request.server()).append(' ');
    boolean sent = request.server() != null;
    to.append("0/").append(sent ? millis(request.heldNanos()) : -1).append(sent ? "/0/" : "/-1/");
    long response = request.responseNanos();
    to.append(response < 0 ? -1 : millis(Math.max(0, response - request.heldNanos())));
    to.append('/').append(millis(request.durationNanos())).append(' ');
    to.append(request.status() == 0 ? -1 : request.status()).append(' ');
    to.append(request.bytesOut()).append(" - - ").append(termination(request)).append("-- ");
    counts(to, request.attempts());
    captures(to, "header", fields, values);
    captures(to, "response.header", fields, values);
    to.append(" \"");
    if (request.method().isEmpty()) {
      to.append("<BADREQ>");
    } else {
      encodeInto(to, request.method(), "");
      to.append(' ');
      encodeInto(to, request.target(), "");
      to.append(" HTTP/1.1");
    }
    to.append("\"\n");
  }

  /** Appends the line of a relayed connection. */
  static void append(StringBuilder to, Instant at, ConnectionOutcome connection) {
    begin(to, connection.client(), at, connection.durationNanos());
    to.append(connection.listener()).append(' ');
    to.append(connection.pool() == null ? connection.listener() : connection.pool()).append('/');
    to.append(connection.server() == null ? NO_SERVER : connection.server()).append(' ');
    to.append(connection.server() == null ? -1 : millis(connection.heldNanos()));
    to.append(connection.server() == null ? "/-1/" : "/0/");
    to.append(millis(connection.durationNanos())).append(' ');
    to.append(connection.bytesOut()).append(' ').append(termination(connection)).append(' ');
    counts(to, connection.attempts());
    to.append('\n');
  }

  private static void begin(
      StringBuilder to, InetSocketAddress client, Instant at, long durationNanos) {
    to.append(RequestOutcome.address(client)).append(':').append(client.getPort()).append(" [");
    TIME.formatTo(at.minusNanos(durationNanos), to);
    to.append("] ");
  }

  private static long millis(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(nanos);
  }

  private static void counts(StringBuilder to, int attempts) {
    to.append("0/0/0/0/").append(Math.max(0, attempts - 1)).append(" 0/0");
  }

  private static void captures(
      StringBuilder to, String kind, LogFields fields, @Nullable String[] values) {
    String separator = " {";
    for (int i = 0; i < values.length; i++) {
      if (fields.isOf(i, kind)) {
        to.append(separator);
        encodeInto(to, values[i] == null ? "" : values[i], "{|}");
        separator = "|";
      }
    }
    to.append(separator.equals("|") ? "}" : "");
  }

  /**
   * Appends text in which quotation marks, {@code #}, and all but printable ASCII are {@code #} and
   * two digits for each byte (manual, 8.6).
   *
   * @param more characters that are encoded, too
   */
  private static void encodeInto(StringBuilder to, String text, String more) {
    int c;
    for (int i = 0; i < text.length(); i += Character.charCount(c)) {
      c = text.codePointAt(i);
      if (c >= ' ' && c < 0x7f && c != '"' && c != '#' && more.indexOf(c) < 0) {
        to.append((char) c);
      } else if (c <= 0xff) {
        encodeInto(to, c);
      } else {
        for (byte each : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
          encodeInto(to, each);
        }
      }
    }
  }

  private static void encodeInto(StringBuilder to, int octet) {
    to.append('#').append(HEX.toHighHexDigit(octet)).append(HEX.toLowHexDigit(octet));
  }

  /** HAProxy's two characters: who ended the session, and in which state it was then. */
  private static String termination(RequestOutcome request) {
    return switch (request.end()) {
      case COMPLETED, TUNNEL_CLOSED -> "--";
      case LOCAL -> request.status() < 400 ? "LR" : "PR";
      case NO_SERVER -> "sQ";
      case HOLD_FULL -> "PC";
      case MAINTENANCE -> "PR";
      case SERVER_FAILED -> "SH";
      case RESPONSE_TIMED_OUT -> "sH";
      case RESPONSE_BROKEN, TUNNEL_BROKEN -> "SD";
      case STREAM_MOVED, TUNNEL_TOLD -> "DD";
      case STOPPING -> "KD";
      case CLIENT_GONE -> request.status() == 0 ? "CH" : "CD";
      case BAD_REQUEST -> request.status() == 408 ? "cR" : "PR";
      case TUNNEL_IDLE -> "sD";
    };
  }

  private static String termination(ConnectionOutcome connection) {
    return switch (connection.end()) {
      case CLOSED -> "--";
      case CLIENT_GONE -> "CD";
      case SERVER_FAILED -> connection.bytesOut() == 0 ? "SC" : "SD";
      case MOVED -> "DD";
      case IDLE -> "sD";
      case NO_SERVER -> "sQ";
      case HOLD_FULL -> "PC";
      case STOPPING -> "KD";
      case MAINTENANCE, REFUSED -> "PR";
    };
  }
}
