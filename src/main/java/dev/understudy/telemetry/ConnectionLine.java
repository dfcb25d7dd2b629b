package dev.understudy.telemetry;

import dev.understudy.traffic.ConnectionOutcome;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * Formats one relayed connection as a line of the access log. Fields that requests have too have
 * the same names.
 */
final class ConnectionLine {
  private ConnectionLine() {}

  static void append(StringBuilder to, boolean json, Instant at, ConnectionOutcome connection) {
    if (json) {
      json(to, at, connection);
    } else {
      plain(to, at, connection);
    }
  }

  private static void plain(StringBuilder to, Instant at, ConnectionOutcome connection) {
    to.append(at.truncatedTo(ChronoUnit.MILLIS));
    AccessLine.field(to, "client", AccessLine.client(connection.client()));
    AccessLine.field(to, "listener", connection.listener());
    AccessLine.name(to, "name", connection.serverName());
    AccessLine.name(to, "pool", connection.pool());
    AccessLine.name(to, "server", connection.server());
    to.append(" attempts=").append(connection.attempts());
    to.append(" held=");
    AccessLine.seconds(to, connection.heldNanos());
    to.append(" duration=");
    AccessLine.seconds(to, connection.durationNanos());
    to.append(" in=").append(connection.bytesIn());
    to.append(" out=").append(connection.bytesOut());
    to.append(" end=").append(connection.end().name());
    to.append('\n');
  }

  private static void json(StringBuilder to, Instant at, ConnectionOutcome connection) {
    to.append("{\"time\":\"").append(at.truncatedTo(ChronoUnit.MILLIS)).append('"');
    AccessLine.string(to, "client", AccessLine.client(connection.client()));
    AccessLine.string(to, "listener", connection.listener());
    AccessLine.string(to, "name", connection.serverName());
    AccessLine.string(to, "pool", connection.pool());
    AccessLine.string(to, "server", connection.server());
    to.append(",\"attempts\":").append(connection.attempts());
    to.append(",\"held\":");
    AccessLine.seconds(to, connection.heldNanos());
    to.append(",\"duration\":");
    AccessLine.seconds(to, connection.durationNanos());
    to.append(",\"in\":").append(connection.bytesIn());
    to.append(",\"out\":").append(connection.bytesOut());
    AccessLine.string(to, "end", connection.end().name());
    to.append("}\n");
  }
}
