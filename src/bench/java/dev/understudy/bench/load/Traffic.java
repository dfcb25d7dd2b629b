package dev.understudy.bench.load;

import dev.understudy.bench.wire.Frames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.function.IntFunction;

/**
 * The request that clients repeat.
 *
 * @param request the nth of all that there are; clients take them in turn
 * @param requests how many each client has, to send one after the other, over and over
 * @param responses the kind of response to each request
 * @param reuse whether a client keeps its connection
 * @param tls 1.3; no session is resumed
 * @param streams of each connection over HTTP/2; 0: HTTP/1.1
 */
public record Traffic(
    IntFunction<ByteBuf> request,
    int requests,
    Responses responses,
    boolean reuse,
    boolean tls,
    int streams) {
  private static final String HOST = "bench.example";

  /** The kind of response. */
  public enum Responses {
    HTTP,
    /** One frame as long as that which was sent, unmasked; after a handshake. */
    FRAMES
  }

  public static Traffic get(String path) {
    return get(path, request -> HOST, 1);
  }

  /** The nth request asks for the nth host; each client has so many of them. */
  public static Traffic get(String path, IntFunction<String> host, int hosts) {
    return http(request -> head("GET", path, host.apply(request), ""), hosts);
  }

  /** A body of zeros. */
  public static Traffic post(String path, int bytes) {
    String head = head("POST", path, HOST, "Content-Length: " + bytes + "\r\n");
    return http(request -> head + "\0".repeat(bytes), 1);
  }

  /** Frames of so much payload, at most 64 KB. */
  public static Traffic webSocket(int payload) {
    return new Traffic(
        request -> {
          ByteBuf frame = Unpooled.directBuffer();
          Frames.writeMasked(frame, payload);
          return frame;
        },
        1,
        Responses.FRAMES,
        true,
        false,
        0);
  }

  /** The same, each request on a connection of its own. */
  public Traffic onNewConnections() {
    return new Traffic(
        nth -> {
          ByteBuf made = request.apply(nth);
          String kept = made.toString(StandardCharsets.US_ASCII);
          made.release();
          return bytes(kept.replaceFirst("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
        },
        requests,
        responses,
        false,
        tls,
        0);
  }

  public Traffic overTls() {
    return new Traffic(request, requests, responses, reuse, true, 0);
  }

  /** The first request over HTTP/2 and TLS, on so many streams of each connection at once. */
  public Traffic overHttp2(int streamsOfConnection) {
    return new Traffic(request, 1, responses, true, true, streamsOfConnection);
  }

  private static Traffic http(IntFunction<String> request, int requests) {
    return new Traffic(nth -> bytes(request.apply(nth)), requests, Responses.HTTP, true, false, 0);
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

  /** A GET with about the header fields of a browser's request. */
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
