package dev.understudy.bench.origin;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** The origin's responses, encoded once. */
final class Responses {
  static final ByteBuf STATUS = ok("text/plain", "version: bench");
  static final ByteBuf SMALL = ok("application/octet-stream", "x".repeat(1024));
  static final ByteBuf LARGE = ok("application/octet-stream", "x".repeat(64 * 1024));
  static final ByteBuf NOT_FOUND = head("404 Not Found", "Content-Length: 0\r\n", "");
  static final ByteBuf NO_LENGTH = head("411 Length Required", "Content-Length: 0\r\n", "");

  /** RFC 6455 1.3. */
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private Responses() {}

  /** To a POST: how long its body was. */
  static ByteBuf length(long bytes) {
    return ok("text/plain", Long.toString(bytes));
  }

  static ByteBuf switchingProtocols(String key) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-1")
              .digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
      String accept = Base64.getEncoder().encodeToString(hash);
      return head(
          "101 Switching Protocols",
          "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept + "\r\n",
          "");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ByteBuf ok(String type, String body) {
    return head(
        "200 OK", "Content-Type: " + type + "\r\nContent-Length: " + body.length() + "\r\n", body);
  }

  private static ByteBuf head(String status, String fields, String body) {
    String response =
        "HTTP/1.1 %s\r\nServer: origin\r\nDate: Fri, 20 Nov 2026 08:00:00 GMT\r\n%s\r\n%s"
            .formatted(status, fields, body);
    byte[] bytes = response.getBytes(StandardCharsets.US_ASCII);
    return Unpooled.directBuffer(bytes.length).writeBytes(bytes);
  }
}
