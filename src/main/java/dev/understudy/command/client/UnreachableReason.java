package dev.understudy.command.client;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Locale;
import javax.net.ssl.SSLException;

/** The reason for a failed exchange, in an operator's words. */
final class UnreachableReason {
  private UnreachableReason() {}

  /**
   * @param readMillis the longest time that was allowed between two bytes
   */
  static String of(IOException failure, URI base, int readMillis) {
    if (failure instanceof UnknownHostException) {
      return "unknown host " + base.getHost();
    }
    if (failure instanceof SocketTimeoutException) {
      return String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT).contains("connect")
          ? "no connection within " + ManagementApi.CONNECT_MILLIS / 1000 + " s"
          : "no response within " + readMillis / 1000 + " s";
    }
    String message = message(failure);
    if (failure instanceof SSLException) {
      return tls(message);
    }
    return message.contains("Invalid Http response") || message.contains("end of file")
        ? "it does not respond in HTTP; if this is a TLS port, use a URL that begins with https"
        : message;
  }

  /** Whether the other side responded, but not in HTTP: a change cannot have reached a replica. */
  static boolean isForeign(IOException failure) {
    return message(failure).contains("Invalid Http response");
  }

  /** The reason why a change that was sent got no response. */
  static String ofLost(IOException failure, int readMillis) {
    if (failure instanceof SocketTimeoutException) {
      return "no response within " + readMillis / 1000 + " s";
    }
    String message = message(failure);
    return message.contains("end of file") ? "it closed the connection" : message;
  }

  private static String tls(String message) {
    if (message.contains("certification path") || message.contains("PKIX")) {
      return "its certificate is not trusted; name its authority with --ca-file";
    }
    if (message.contains("unrecognized SSL message")) {
      return "it does not respond in TLS; if this is a plain port, use a URL that begins with http";
    }
    return "TLS: " + message;
  }

  /** The message; the class's name if there is none. */
  static String message(Throwable failure) {
    String message = failure.getMessage();
    return message == null || message.isBlank() ? failure.getClass().getSimpleName() : message;
  }
}
