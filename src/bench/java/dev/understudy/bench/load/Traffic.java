package dev.understudy.bench.load;

import dev.understudy.bench.wire.Frames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.function.IntFunction;

/**
 * What clients send, over and over.
 *
 * @param request what the nth client sends
 * @param answers what comes back for each
 * @param reuse whether a client keeps its connection
 * @param tls without HTTP/2
 */
public record Traffic(IntFunction<ByteBuf> request, Answers answers, boolean reuse, boolean tls) {
  private static final String HOST = "bench.example";

  /** What comes back. */
  public enum Answers {
    HTTP,
    /** One frame as long as that which was sent, unmasked; after a handshake. */
    FRAMES
  }

  public static Traffic get(String path) {
    return get(path, client -> HOST);
  }

  /** The nth client asks for its own host. */
  public static Traffic get(String path, IntFunction<String> host) {
    return http(client -> head("GET", path, host.apply(client), ""));
  }

  /** A body of zeros. */
  public static Traffic post(String path, int bytes) {
    String head = head("POST", path, HOST, "Content-Length: " + bytes + "\r\n");
    return http(client -> head + "\0".repeat(bytes));
  }

  /** Frames of so much payload, at most 64 KB. */
  public static Traffic webSocket(int payload) {
    return new Traffic(
        client -> {
          ByteBuf frame = Unpooled.directBuffer();
          Frames.writeMasked(frame, payload);
          return frame;
        },
        Answers.FRAMES,
        true,
        false);
  }

  /** The same, each request on a connection of its own. */
  public Traffic onNewConnections() {
    return new Traffic(
        client -> {
          ByteBuf made = request.apply(client);
          String kept = made.toString(StandardCharsets.US_ASCII);
          made.release();
          return bytes(kept.replaceFirst("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
        },
        answers,
        false,
        tls);
  }

  public Traffic overTls() {
    return new Traffic(request, answers, reuse, true);
  }

  private static Traffic http(IntFunction<String> request) {
    return new Traffic(client -> bytes(request.apply(client)), Answers.HTTP, true, false);
  }

  private static ByteBuf bytes(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    return Unpooled.directBuffer(bytes.length).writeBytes(bytes);
  }

  /** The handshake of a WebSocket. */
  static ByteBuf handshake() {
    return bytes(
        head(
            "GET",
            "/1k",
            HOST,
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"));
  }

  /** With the headers that a browser's request has, more or less. */
  private static String head(String method, String path, String host, String more) {
    return method
        + " "
        + path
        + " HTTP/1.1\r\nHost: "
        + host
        + "\r\nUser-Agent: bench\r\nAccept: */*\r\nAccept-Language: en\r\n"
        + more
        + "\r\n";
  }
}
