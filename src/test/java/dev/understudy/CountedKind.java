package dev.understudy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.understudy.testing.PeersOfProxy.Begin;
import dev.understudy.testing.RawHttp2;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A kind of what {@link CountedMemoryIT} measures.
 *
 * @param listener of the file; empty for the main one
 * @param streams units of one connection
 * @param pieces what each connection sends, each by itself
 */
record CountedKind(
    String name, Sort sort, String listener, Begin begin, int streams, byte[]... pieces) {
  /** What a unit is. */
  enum Sort {
    /** A connection without a request, or with one that is not complete. */
    CONNECTION,

    /** A request, or a part of one, that does not get to the server. */
    HELD,
    REQUEST,

    /** A response, or messages, of which the client reads nothing. */
    UNREAD
  }

  /** The protocols, and lanes, of requests. */
  private enum Way {
    HTTP1(Begin.CLEAR, "express"),
    HTTP1_GATEWAY(Begin.CLEAR, "gateway"),
    HTTP1_TLS(Begin.TLS, "express"),
    HTTP2(Begin.CLEAR, "express"),
    HTTP2_GATEWAY(Begin.CLEAR, "gateway"),
    HTTP2_TLS(Begin.TLS_HTTP2, "express");

    private final Begin begin;
    private final String lane;

    Way(Begin begin, String lane) {
      this.begin = begin;
      this.lane = lane;
    }

    boolean isHttp2() {
      return ordinal() >= HTTP2.ordinal();
    }

    String target(String rest) {
      return "/" + lane + "/" + rest;
    }

    CountedKind kind(String name, Sort sort, int streams, byte[]... pieces) {
      return new CountedKind(
          this + " " + name, sort, begin == Begin.CLEAR ? CLEAR : MAIN, begin, streams, pieces);
    }
  }

  private static final String MAIN = "";
  private static final String CLEAR = "clear";

  private static final int STREAMS = 100;

  /** What SETTINGS_MAX_FRAME_SIZE allows by default (RFC 9113 §6.5.2). */
  private static final int FRAME = 16_384;

  private static final byte[] NONE = {};

  private static final String[] UPGRADE = {
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
  };

  private static final Set<String> OF_GATE =
      Set.of(
          "HTTP/1, idle",
          "HTTP/2, idle",
          "TLS, 15 KB of a ClientHello",
          "PROXY header, 4 KB of TLVs",
          "TCP, 15 KB of a ClientHello",
          "HTTP/1 head, 15 KB in 3000 fields",
          "HTTP/2 head, 13 KB without END_HEADERS",
          "HTTP/2 frame, 16 KB of DATA but for a byte",
          "HTTP1 WebSocket",
          "HTTP2 WebSocket",
          "HTTP1 GET, waits",
          "HTTP2 GET, waits");

  /** Whether the gate has it. */
  boolean isOfGate() {
    return OF_GATE.contains(name);
  }

  @Override
  public String toString() {
    return name;
  }

  /** All of them. */
  static List<CountedKind> all() {
    List<CountedKind> all = new ArrayList<>();
    all.addAll(idle());
    all.addAll(beforeHeads());
    all.addAll(incomplete("", CLEAR, Begin.CLEAR, Begin.CLEAR));
    // TLS changes what sockets keep, not what a head, a frame or a request is.
    incomplete("TLS, ", MAIN, Begin.TLS, Begin.TLS_HTTP2).stream()
        .filter(each -> each.pieces.length > 1)
        .forEach(all::add);
    for (Way way : Way.values()) {
      List<CountedKind> requests = requests(way);
      all.addAll(way.begin == Begin.CLEAR ? requests : requests.subList(0, 1));
      all.addAll(pieces(way));
    }
    return all;
  }

  private static CountedKind connection(
      String name, String listener, Begin begin, byte[]... pieces) {
    return new CountedKind(name, Sort.CONNECTION, listener, begin, 1, pieces);
  }

  private static List<CountedKind> idle() {
    byte[] get = head1("GET", "/express/ok");
    byte[] get2 = joined(http2(), head2(1, true, "GET", "/express/ok"));
    return List.of(
        connection("HTTP/1, nothing sent", CLEAR, Begin.CLEAR),
        connection("HTTP/1, idle", CLEAR, Begin.CLEAR, get),
        connection("HTTP/1, idle, Gateway lane", CLEAR, Begin.CLEAR, head1("GET", "/gateway/ok")),
        connection("HTTP/2, idle", CLEAR, Begin.CLEAR, get2),
        connection("TLS, nothing sent", MAIN, Begin.CLEAR),
        connection("TLS, HTTP/1, idle", MAIN, Begin.TLS, get),
        connection("TLS, HTTP/2, idle", MAIN, Begin.TLS_HTTP2, get2),
        connection("TCP, idle", "relay", Begin.CLEAR));
  }

  private static List<CountedKind> beforeHeads() {
    byte[] record = shortOf(record());
    return List.of(
        connection("TLS, 1 KB of a ClientHello", MAIN, Begin.CLEAR, hello(1000, 2000)),
        connection("TLS, 15 KB of a ClientHello", MAIN, Begin.CLEAR, hello(15_000, 16_000)),
        connection("TLS, 48 KB of a ClientHello", MAIN, Begin.CLEAR, longHello(3)),
        connection("TCP, 1 KB of a ClientHello", "relay-names", Begin.CLEAR, hello(1000, 2000)),
        connection(
            "TCP, 15 KB of a ClientHello", "relay-names", Begin.CLEAR, hello(15_000, 16_000)),
        connection("TLS record, 16 KB but for a byte", MAIN, Begin.TLS_RECORDS, record),
        connection(
            "TLS record, in 100 pieces but for a byte",
            MAIN,
            Begin.TLS_RECORDS,
            inPieces(record, 100)),
        connection("PROXY header, 10 bytes", "proxied", Begin.CLEAR, ascii("PROXY TCP4")),
        connection("PROXY header, 4 KB of TLVs", "proxied", Begin.CLEAR, proxyHeader()),
        connection("TCP, PROXY header, 4 KB of TLVs", "relay-proxied", Begin.CLEAR, proxyHeader()));
  }

  /** Heads, trailers and frames without their end. */
  private static List<CountedKind> incomplete(
      String before, String listener, Begin http1, Begin http2) {
    String get = "GET /express/ok HTTP/1.1\r\n";
    String many = "a:b\r\n".repeat(3000);
    byte[] post = head1("POST", "/express/wait", "Transfer-Encoding: chunked");
    byte[] post2 = joined(http2(), head2(1, false, "POST", "/express/wait"));
    byte[] data = RawHttp2.encode(RawHttp2.DATA, 0, 1, new byte[FRAME]);
    byte[] block = RawHttp2.block(fields2("GET", "/express/ok", fields(12, 1100)));
    byte[] head = RawHttp2.encode(RawHttp2.HEADERS, RawHttp2.END_STREAM, 1, block);
    String one = before + "HTTP/1 head, ";
    String two = before + "HTTP/2 head, ";
    String frame = before + "HTTP/2 frame, ";
    return List.of(
        connection(one + "20 bytes of a line", listener, http1, ascii("GET /express/ok HTTP")),
        connection(
            one + "22 KB in 20 fields", listener, http1, ascii(get + lines(fields(20, 1100)))),
        connection(
            one + "22 KB in 22 pieces",
            listener,
            http1,
            inPieces(ascii(get + lines(fields(20, 1100))), 22)),
        connection(one + "15 KB in 3000 fields", listener, http1, ascii(get + many)),
        connection(
            one + "22 KB in one field", listener, http1, ascii(get + "a: " + "v".repeat(22_000))),
        connection(
            before + "HTTP/1 trailers, 15 KB in 3000 fields",
            listener,
            http1,
            joined(post, ascii("1\r\na\r\n0\r\n" + many))),
        connection(two + "13 KB without END_HEADERS", listener, http2, http2(), head),
        connection(two + "13 KB in three frames", listener, http2, http2(), inFrames(block)),
        connection(frame + "a head but for a byte", listener, http2, http2(), shortOf(head)),
        connection(
            frame + "16 KB of DATA but for a byte", listener, http2, post2, data, shortOf(data)),
        connection(frame + "9 bytes", listener, http2, http2(), Arrays.copyOf(data, 9)));
  }

  private static List<CountedKind> requests(Way way) {
    // Those of all streams fit into the connection's first window.
    byte[] body = new byte[way.isHttp2() ? 600 : 10_000];
    return List.of(
        request(way, "GET, waits", "GET", "wait", NONE),
        request(way, "GET, 2 KB in 20 fields", "GET", "wait", NONE, fields(20, 100)),
        request(way, "GET, 13 KB in 12 fields", "GET", "wait", NONE, fields(12, 1100)),
        request(way, "GET, 10 KB in 1000 fields", "GET", "wait", NONE, fields(1000, 2)),
        request(way, "GET, target of 7 KB", "GET", "wait/" + "a".repeat(7000), NONE),
        request(way, "GET, 100 parameters", "GET", "wait?" + "a=b&".repeat(100), NONE),
        request(way, "PUT, body kept", "PUT", "wait", body),
        request(way, "GET, event stream", "GET", "begun", NONE),
        request(way, "GET, held", "GET", "held/", NONE),
        request(way, "PUT, held", "PUT", "held/", body),
        request(way, "GET, authenticator waits", "GET", "auth/", NONE),
        request(way, "GET, admitted", "GET", "admitted/wait", NONE),
        request(way, "GET, rate limit", "GET", "limited/wait", NONE),
        request(way, "GET, conditions", "GET", "conditions/wait", NONE),
        way.isHttp2()
            ? way.kind("WebSocket", Sort.REQUEST, STREAMS, http2(), onStreams(way, "socket"))
            : way.kind("WebSocket", Sort.REQUEST, 1, handshake(way, 1, "socket")));
  }

  private static CountedKind request(
      Way way, String name, String method, String rest, byte[] body, String... fields) {
    Sort sort = rest.startsWith("held") ? Sort.HELD : Sort.REQUEST;
    boolean empty = body.length == 0;
    if (!way.isHttp2()) {
      String[] all =
          empty
              ? fields
              : Stream.concat(Stream.of(fields), Stream.of("Content-Length: " + body.length))
                  .toArray(String[]::new);
      return way.kind(name, sort, 1, joined(head1(method, way.target(rest), all), body));
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int stream = 1; stream < 2 * STREAMS; stream += 2) {
      all.writeBytes(head2(stream, empty, method, way.target(rest), fields));
      if (!empty) {
        all.writeBytes(RawHttp2.encode(RawHttp2.DATA, RawHttp2.END_STREAM, stream, body));
      }
    }
    return way.kind(name, sort, STREAMS, http2(), all.toByteArray());
  }

  private static List<CountedKind> pieces(Way way) {
    // Nothing of a response fits into the window, so that the sockets keep none of it.
    byte[] before = way.isHttp2() ? http2(0) : NONE;
    List<CountedKind> all = new ArrayList<>();
    all.add(way.kind("unread, bytes", Sort.UNREAD, 1, joined(before, get(way, "large"))));
    all.add(
        way.kind(
            "unread, messages of one byte",
            Sort.UNREAD,
            1,
            joined(before, handshake(way, 1, "socket/talks"))));
    all.add(unsent(way, "bytes", new byte[FRAME], 3));
    all.add(unsent(way, "pieces of one byte", new byte[1], 5000));
    return all;
  }

  /** Of a request that is held, so that the sockets keep none of it. */
  private static CountedKind unsent(Way way, String name, byte[] data, int count) {
    byte[] head =
        way.isHttp2()
            ? joined(http2(), head2(1, false, "POST", way.target("held/")))
            : head1("POST", way.target("held/"), "Transfer-Encoding: chunked");
    byte[] piece =
        way.isHttp2()
            ? RawHttp2.encode(RawHttp2.DATA, 0, 1, data)
            : joined(ascii(Integer.toHexString(data.length) + "\r\n"), data, ascii("\r\n"));
    return way.kind("unsent, " + name, Sort.HELD, 1, head, repeated(piece, count));
  }

  // Bytes.

  private static byte[] ascii(String text) {
    return text.getBytes(US_ASCII);
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static byte[] shortOf(byte[] bytes) {
    return Arrays.copyOf(bytes, bytes.length - 1);
  }

  private static byte[][] inPieces(byte[] bytes, int count) {
    int length = bytes.length / count;
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                Arrays.copyOfRange(
                    bytes, i * length, i == count - 1 ? bytes.length : (i + 1) * length))
        .toArray(byte[][]::new);
  }

  private static String lines(String... fields) {
    return Arrays.stream(fields).map(each -> each + "\r\n").collect(Collectors.joining());
  }

  private static String[] fields(int count, int length) {
    return IntStream.range(0, count)
        .mapToObj(i -> "f" + i + ": " + "v".repeat(length))
        .toArray(String[]::new);
  }

  private static byte[] head1(String method, String target, String... fields) {
    return ascii(method + " " + target + " HTTP/1.1\r\nHost: h.test\r\n" + lines(fields) + "\r\n");
  }

  private static byte[] repeated(byte[] piece, int count) {
    byte[][] all = new byte[count][];
    Arrays.fill(all, piece);
    return joined(all);
  }

  /** What opens a connection of HTTP/2, before its first head. */
  private static byte[] http2() {
    return http2(65_535);
  }

  /** The same, with that first window of streams. */
  private static byte[] http2(int window) {
    byte[] setting = ByteBuffer.allocate(6).putShort((short) 4).putInt(window).array();
    return joined(RawHttp2.PREFACE, RawHttp2.encode(RawHttp2.SETTINGS, 0, 0, setting));
  }

  private static String[] fields2(String method, String target, String... fields) {
    return Stream.concat(
            Stream.of(
                ":method: " + method, ":scheme: http", ":authority: h.test", ":path: " + target),
            Stream.of(fields).map(each -> each.toLowerCase(Locale.ROOT)))
        .toArray(String[]::new);
  }

  private static byte[] head2(
      int stream, boolean end, String method, String target, String... fields) {
    return RawHttp2.encode(
        RawHttp2.HEADERS,
        RawHttp2.END_HEADERS | (end ? RawHttp2.END_STREAM : 0),
        stream,
        RawHttp2.block(fields2(method, target, fields)));
  }

  /** A head in three frames, of which the last is not its end. */
  private static byte[] inFrames(byte[] block) {
    byte[][] thirds = inPieces(block, 3);
    return joined(
        RawHttp2.encode(RawHttp2.HEADERS, RawHttp2.END_STREAM, 1, thirds[0]),
        RawHttp2.encode(RawHttp2.CONTINUATION, 0, 1, thirds[1]),
        RawHttp2.encode(RawHttp2.CONTINUATION, 0, 1, thirds[2]));
  }

  private static byte[] get(Way way, String rest) {
    return way.isHttp2() ? head2(1, true, "GET", way.target(rest)) : head1("GET", way.target(rest));
  }

  private static byte[] handshake(Way way, int stream, String rest) {
    return way.isHttp2()
        ? head2(
            stream,
            false,
            "CONNECT",
            way.target(rest),
            ":protocol: websocket",
            "sec-websocket-version: 13")
        : head1("GET", way.target(rest), UPGRADE);
  }

  private static byte[] onStreams(Way way, String rest) {
    return joined(
        IntStream.range(0, STREAMS)
            .mapToObj(i -> handshake(way, 2 * i + 1, rest))
            .toArray(byte[][]::new));
  }

  /** So many bytes of a ClientHello in a record. */
  private static byte[] hello(int sent, int whole) {
    byte[] record = new byte[sent];
    record[0] = 22;
    record[1] = 3;
    record[2] = 1;
    record[3] = (byte) (whole - 5 >> 8);
    record[4] = (byte) (whole - 5);
    record[5] = 1;
    record[7] = (byte) (whole - 9 >> 8);
    record[8] = (byte) (whole - 9);
    return record;
  }

  /** So many records of 16 KB of a ClientHello of 60 KB. */
  private static byte[] longHello(int records) {
    byte[][] all = new byte[records][];
    Arrays.fill(all, hello(16_005, 16_005));
    byte[] joined = joined(all);
    joined[7] = (byte) (60_000 >> 8);
    joined[8] = (byte) 60_000;
    return joined;
  }

  /** A TLS record of data, of the largest length. */
  private static byte[] record() {
    byte[] record = new byte[5 + FRAME];
    record[0] = 23;
    record[1] = 3;
    record[2] = 3;
    record[3] = FRAME >> 8;
    return record;
  }

  /** The first 4,000 bytes of a header, version 2, of 4,112. */
  private static byte[] proxyHeader() {
    byte[] begin = {
      0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, 0x21, 0x11, 0x10, 0
    };
    return Arrays.copyOf(begin, 4000);
  }
}
