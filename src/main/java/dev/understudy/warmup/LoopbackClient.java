package dev.understudy.warmup;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A client: one request after the other, of each kind, and now and then a new connection. */
final class LoopbackClient extends LoopbackEnd {
  /** The path whose response has no length. */
  static final String CHUNKED = "/warm-up/chunks";

  /** The path after whose response the server closes its connection, and the proxy this one. */
  static final String LAST = "/warm-up/last";

  private static final byte[] PROXY = bytes("PROXY TCP4 127.0.0.1 127.0.0.1 1 1\r\n");

  private static final List<byte[]> REQUESTS =
      List.of(
          request("GET /warm-up/page"),
          request("GET " + CHUNKED),
          request("GET /warm-up/page?with=query", "Cookie: a=b; c=d"),
          request("GET /warm-up/page"),
          bytes(head("POST /warm-up/form", "Content-Length: " + BODY.length()) + BODY));

  /** The place of the request whose response is in chunks. */
  private static final int IN_CHUNKS = 1;

  private static final byte[] LAST_REQUEST = request("GET " + LAST, "Connection: close");

  private static final int PER_CONNECTION = 4;

  private final LoopbackTraffic traffic;
  private final InetSocketAddress proxy;
  private final boolean proxied;
  private int number;

  /** How the response ends that is awaited. */
  private String end = BODY;

  /** Whether nothing but the connection's end is awaited. */
  private boolean closing;

  private @Nullable SocketChannel channel;

  /**
   * @param number where in the course of its requests it begins
   */
  LoopbackClient(LoopbackTraffic traffic, InetSocketAddress proxy, boolean proxied, int number) {
    this.traffic = traffic;
    this.proxy = proxy;
    this.proxied = proxied;
    this.number = number;
  }

  private static byte[] request(String line, String... fields) {
    return bytes(head(line, fields));
  }

  private static String head(String line, String... fields) {
    String more = fields.length == 0 ? "" : "\r\n" + String.join("\r\n", fields);
    return """
    %s HTTP/1.1\r
    Host: warm-up.invalid\r
    User-Agent: understudy\r
    Accept: */*\r
    Accept-Encoding: gzip%s\r
    \r
    """
        .formatted(line, more);
  }

  /** Connects, which the kernel does at once, and sends a request. */
  void connect() {
    closing = false;
    try {
      SocketChannel opened = SocketChannel.open(proxy);
      channel = opened;
      opened.setOption(StandardSocketOptions.TCP_NODELAY, true);
      opened.configureBlocking(false);
      traffic.register(opened, this);
      if (proxied) {
        send(PROXY);
      }
      next();
    } catch (IOException e) {
      giveUp();
    }
  }

  private boolean isLast() {
    return number % PER_CONNECTION == 0;
  }

  private void next() throws IOException {
    number++;
    int kind = isLast() ? 0 : number % REQUESTS.size();
    end = kind == IN_CHUNKS ? END_OF_CHUNKS : BODY;
    forget();
    send(isLast() ? LAST_REQUEST : REQUESTS.get(kind));
  }

  @Override
  SocketChannel channel() {
    if (channel == null) {
      throw new IllegalStateException("not connected");
    }
    return channel;
  }

  @Override
  void came() throws IOException {
    if (size() > BODY.length() && ends(end)) {
      if (!begins("HTTP/1.1 200 ")) {
        giveUp();
        return;
      }
      traffic.exchanged();
      if (isLast()) {
        closing = true;
        forget();
      } else {
        next();
      }
    }
  }

  @Override
  void over() {
    if (closing) {
      close();
      connect();
    } else {
      giveUp();
    }
  }

  private void giveUp() {
    if (channel != null) {
      close();
    }
    traffic.ended();
  }
}
