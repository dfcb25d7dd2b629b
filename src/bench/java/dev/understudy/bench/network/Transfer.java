package dev.understudy.bench.network;

import java.io.IOException;

/** What is sent, and how. What is prepared before the time counts is in each. */
enum Transfer {
  HTTP1_NEW("HTTP/1.1: 1 KB on a new connection"),
  HTTP1_SMALL("HTTP/1.1: 1 KB"),
  HTTP1_DOWN("HTTP/1.1: 10 MB down"),
  HTTP1_UP("HTTP/1.1: 10 MB up"),
  TLS_NEW("HTTP/1.1, TLS: 1 KB on a new connection"),
  TLS_FIRST("HTTP/1.1, TLS: first byte of 10 MB"),
  TLS_DOWN("HTTP/1.1, TLS: 10 MB down"),
  TLS_UP("HTTP/1.1, TLS: 10 MB up"),
  HTTP2_NEW("HTTP/2: 1 KB on a new connection"),
  HTTP2_SMALL("HTTP/2: 1 KB"),
  HTTP2_FIRST("HTTP/2: first byte of 10 MB"),
  HTTP2_DOWN("HTTP/2: 10 MB down"),
  HTTP2_UP_NEW("HTTP/2: 10 MB up on a new connection"),
  HTTP2_UP("HTTP/2: 10 MB up"),
  SERVER_SMALL("to an HTTP/2 server: 1 KB"),
  SERVER_DOWN("to an HTTP/2 server: 10 MB down"),
  SERVER_UP("to an HTTP/2 server: 10 MB up"),
  BOTH_DOWN("HTTP/2 on both sides: 10 MB down"),
  BOTH_UP("HTTP/2 on both sides: 10 MB up"),
  TCP_PING("TCP: a message there and back"),
  TCP_NEW("TCP: the same on a new connection"),
  TCP_DOWN("TCP: 10 MB down"),
  TCP_UP("TCP: 10 MB up"),
  SOCKET_NEW("WebSocket: opening, and a message there and back"),
  SOCKET_PING("WebSocket: a message there and back"),
  SOCKET_DOWN("WebSocket: 10 MB down"),
  SOCKET_UP("WebSocket: 10 MB up"),
  SOCKET_TLS_DOWN("WebSocket, TLS: 10 MB down"),
  SOCKET_TLS_UP("WebSocket, TLS: 10 MB up"),
  SLOW_HTTP1("HTTP/1.1: 10 MB down, read at 20 MB/s"),
  SLOW_TLS("HTTP/1.1, TLS: 10 MB down, read at 20 MB/s"),
  SLOW_HTTP2("HTTP/2: 10 MB down, read at 20 MB/s"),
  UNREAD_HTTP2("HTTP/2: 10 MB down beside a stream that is not read"),
  UNREAD_SERVER("to an HTTP/2 server: 10 MB down beside a client that does not read"),
  STUCK_HTTP2("HTTP/2: 10 MB up beside a stream that the server does not read"),
  STUCK_SERVER("to an HTTP/2 server: 10 MB up beside a body that it does not read");

  /** A window of HTTP/2 in bytes that holds back the sender of a large body, if it is not read. */
  private static final int SMALL_WINDOW = 4 << 20;

  private static final double SLOW = 20e6;

  private final String title;

  Transfer(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  /** Whether it takes no longer than it has to. */
  boolean isFast() {
    return compareTo(SLOW_HTTP1) < 0;
  }

  /** What is timed, between what is done before and after. */
  private interface Timed<C> {
    void run(C client) throws IOException, InterruptedException;
  }

  private interface Opening<C> {
    C open() throws IOException;
  }

  /**
   * Does it once.
   *
   * @return the time that it took, in milliseconds
   */
  double millis(Way way) throws IOException, InterruptedException {
    return switch (this) {
      case HTTP1_NEW ->
          timed(
              () -> {
                try (Plain client = Plain.connect(way.plainPort())) {
                  client.get(way.http1("small"));
                  client.response();
                }
              });
      case HTTP1_SMALL -> plain(way, way.http1("small"), false);
      case HTTP1_DOWN -> plain(way, way.http1("large"), false);
      case HTTP1_UP -> plain(way, way.http1("up"), true);
      case TLS_NEW ->
          timed(
              () -> {
                try (Plain client = Plain.secure(way.securePort())) {
                  client.get(way.http1("small"));
                  client.response();
                }
              });
      case TLS_FIRST ->
          used(
              () -> Plain.secure(way.securePort()),
              way,
              client -> {
                client.get(way.http1("large"));
                client.responseLength();
                client.skip(1);
              });
      case TLS_DOWN -> secure(way, way.http1("large"), false);
      case TLS_UP -> secure(way, way.http1("up"), true);
      case HTTP2_NEW ->
          timed(
              () -> {
                try (Http2 client = Http2.connect(way.securePort(), Servers.WINDOW)) {
                  client.get(way.http1("small")).response();
                }
              });
      case HTTP2_SMALL -> http2(way, client -> client.get(way.http1("small")).response());
      case HTTP2_FIRST -> http2(way, client -> client.get(way.http1("large")).awaitFirst());
      case HTTP2_DOWN -> http2(way, client -> client.get(way.http1("large")).response());
      case HTTP2_UP_NEW ->
          timed(
              () -> {
                try (Http2 client = Http2.connect(way.securePort(), Servers.WINDOW)) {
                  client.post(way.http1("up")).response();
                }
              });
      case HTTP2_UP -> http2(way, client -> client.post(way.http1("up")).response());
      case SERVER_SMALL -> plain(way, way.http2("small"), false);
      case SERVER_DOWN -> plain(way, way.http2("large"), false);
      case SERVER_UP -> plain(way, way.http2("up"), true);
      case BOTH_DOWN -> http2(way, client -> client.get(way.http2("large")).response());
      case BOTH_UP -> http2(way, client -> client.post(way.http2("up")).response());
      case TCP_PING ->
          tcp(
              way,
              "Ex",
              client -> {
                client.send("x");
                client.skip(1);
              });
      case TCP_NEW -> timed(() -> tcp(way, "Ex", client -> {}));
      case TCP_DOWN ->
          tcp(
              way,
              "D",
              client -> {
                client.send("x");
                client.skip(Sizes.LARGE);
              });
      case TCP_UP ->
          tcp(
              way,
              "U",
              client -> {
                client.bulk();
                client.skip(1);
              });
      case SOCKET_NEW -> timed(() -> socket(way, false, client -> {}));
      case SOCKET_PING -> socket(way, false, Transfer::ping);
      case SOCKET_DOWN -> socket(way, false, Transfer::messagesDown);
      case SOCKET_UP -> socket(way, false, Transfer::messagesUp);
      case SOCKET_TLS_DOWN -> socket(way, true, Transfer::messagesDown);
      case SOCKET_TLS_UP -> socket(way, true, Transfer::messagesUp);
      case SLOW_HTTP1 ->
          used(() -> Plain.connect(way.plainPort()), way, client -> slow(client, way));
      case SLOW_TLS -> used(() -> Plain.secure(way.securePort()), way, client -> slow(client, way));
      case SLOW_HTTP2 ->
          http2(way, SMALL_WINDOW, client -> client.getUnread(way.http1("large")).readAt(SLOW));
      case UNREAD_HTTP2 ->
          besides(
              way,
              client -> client.getUnread(way.http1("large")),
              client -> client.get(way.http1("large")).response());
      case UNREAD_SERVER -> {
        try (Plain unread = Plain.connect(way.plainPort())) {
          unread.get(way.http2("large"));
          unread.responseLength();
          yield plain(way, way.http2("large"), false);
        }
      }
      case STUCK_HTTP2 ->
          besides(
              way,
              client -> client.post(way.http1("stuck")),
              client -> client.post(way.http1("up")).response());
      case STUCK_SERVER ->
          besides(
              way,
              client -> client.post(way.http2("stuck")),
              client -> client.post(way.http2("up")).response());
    };
  }

  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  private static double timed(Work work) throws IOException, InterruptedException {
    long start = System.nanoTime();
    work.run();
    return (System.nanoTime() - start) / 1e6;
  }

  /** On a connection over HTTP/1.1 that has had a response. */
  private static double used(Opening<Plain> opening, Way way, Timed<Plain> work)
      throws IOException, InterruptedException {
    try (Plain client = opening.open()) {
      client.get(way.http1("small"));
      client.response();
      return timed(() -> work.run(client));
    }
  }

  private static double plain(Way way, String path, boolean body)
      throws IOException, InterruptedException {
    return used(() -> Plain.connect(way.plainPort()), way, client -> exchange(client, path, body));
  }

  private static double secure(Way way, String path, boolean body)
      throws IOException, InterruptedException {
    return used(() -> Plain.secure(way.securePort()), way, client -> exchange(client, path, body));
  }

  private static void exchange(Plain client, String path, boolean body) throws IOException {
    if (body) {
      client.post(path);
    } else {
      client.get(path);
    }
    client.response();
  }

  private static void slow(Plain client, Way way) throws IOException, InterruptedException {
    client.get(way.http1("large"));
    client.skipAt(SLOW, client.responseLength());
  }

  private static double http2(Way way, Timed<Http2> work) throws IOException, InterruptedException {
    return http2(way, Servers.WINDOW, work);
  }

  private static double http2(Way way, int window, Timed<Http2> work)
      throws IOException, InterruptedException {
    try (Http2 client = Http2.connect(way.securePort(), window)) {
      client.get(way.http1("small")).response();
      return timed(() -> work.run(client));
    }
  }

  /** Beside something that goes on. */
  private static double besides(Way way, Timed<Http2> before, Timed<Http2> work)
      throws IOException, InterruptedException {
    try (Http2 client = Http2.connect(way.securePort(), SMALL_WINDOW)) {
      client.get(way.http1("small")).response();
      before.run(client);
      client.get(way.http1("small")).response();
      return timed(() -> work.run(client));
    }
  }

  private static double tcp(Way way, String first, Timed<Plain> work)
      throws IOException, InterruptedException {
    try (Plain client = Plain.connect(way.tcpPort())) {
      client.send(first);
      client.skip(first.length() - 1);
      return timed(() -> work.run(client));
    }
  }

  private static double socket(Way way, boolean tls, Timed<Plain> work)
      throws IOException, InterruptedException {
    try (Plain client = tls ? Plain.secure(way.securePort()) : Plain.connect(way.plainPort())) {
      client.upgrade(way.http1("socket"));
      ping(client);
      return timed(() -> work.run(client));
    }
  }

  private static void ping(Plain client) throws IOException {
    client.message("hi");
    client.awaitMessages(2);
  }

  private static void messagesDown(Plain client) throws IOException {
    client.message("down");
    client.awaitMessages(Sizes.LARGE);
  }

  private static void messagesUp(Plain client) throws IOException {
    client.messages();
    client.awaitMessages(1);
  }
}
