package dev.understudy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Await;
import dev.understudy.testing.RawHttp2;
import dev.understudy.testing.RawHttp2.Frame;
import io.netty.handler.codec.http2.Http2Error;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

/** An HTTP/2 connection on which a request runs while others go wrong. */
final class BesideRunning implements AutoCloseable {
  static final int RUNNING = 1;
  static final int BAD = 3;
  static final int NEXT = 5;

  final RawHttp2 client;
  private final String lane;
  private final CountDownLatch go = new CountDownLatch(1);
  private final List<Frame> frames = new ArrayList<>();
  private final TestProxy proxy;
  private final int calls;

  BesideRunning(TestProxy proxy, String lane) throws IOException {
    this.proxy = proxy;
    this.lane = lane;
    calls = proxy.server.calls().size();
    proxy.server.script(
        call -> {
          if (call.line().contains("slow")) {
            go.await();
          }
          if (call.line().contains("breaks")) {
            call.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
            call.cut();
            return;
          }
          call.body();
          call.reply(200, "whole");
        });
    client = RawHttp2.connect(proxy.port()).settings().get(RUNNING, lane + "slow");
    Await.until("it runs", () -> proxy.server.calls().size() > calls);
  }

  /** Reads until nothing more is to be expected on that stream. */
  void readUntilOver(int stream) throws IOException {
    while (frames.stream().noneMatch(f -> f.stream() == stream && isLast(f))) {
      read();
    }
  }

  private void read() throws IOException {
    Frame frame = client.read();
    assertThat(frame.type()).as("all is ended").isNotEqualTo(RawHttp2.GOAWAY);
    frames.add(frame);
  }

  private static boolean isLast(Frame frame) {
    return frame.type() == RawHttp2.RST_STREAM
        || (frame.is(RawHttp2.END_STREAM)
            && (frame.type() == RawHttp2.HEADERS || frame.type() == RawHttp2.DATA));
  }

  void othersAreServed() throws IOException {
    othersAreServed(NEXT);
  }

  /**
   * Asserts that what runs is answered, and another request too.
   *
   * @param next its stream
   */
  void othersAreServed(int next) throws IOException {
    go.countDown();
    client.post(next, lane + "next").bytes(data(next, 10, true));
    for (int stream : List.of(RUNNING, next)) {
      readUntilOver(stream);
      assertThat(status(stream)).isEqualTo("200");
      assertThat(body(stream)).isEqualTo("whole");
      assertThat(errors(stream)).isEmpty();
    }
  }

  /** With 400 or a reset. */
  boolean wasRefused(int stream) throws IOException {
    readUntilOver(stream);
    return "400".equals(status(stream)) || (status(stream) == null && !errors(stream).isEmpty());
  }

  String status(int stream) {
    return frames.stream()
        .filter(f -> f.stream() == stream && f.fields() != null && f.fields().status() != null)
        .map(f -> f.fields().status().toString())
        .reduce((first, last) -> last)
        .orElse(null);
  }

  String body(int stream) {
    return frames.stream()
        .filter(f -> f.stream() == stream && f.type() == RawHttp2.DATA)
        .map(f -> new String(f.payload(), StandardCharsets.US_ASCII))
        .reduce("", String::concat);
  }

  List<Http2Error> errors(int stream) {
    return frames.stream()
        .filter(f -> f.stream() == stream && f.type() == RawHttp2.RST_STREAM)
        .map(f -> Http2Error.valueOf(f.number(0)))
        .toList();
  }

  /** The lines of requests that reached the server but those that should. */
  List<String> forwarded() {
    return proxy.server.calls().stream()
        .skip(calls)
        .map(call -> call.line())
        .filter(line -> !line.contains("slow") && !line.contains("next"))
        .toList();
  }

  @Override
  public void close() {
    go.countDown();
    client.close();
  }

  static byte[] data(int stream, int length, boolean end) {
    return RawHttp2.encode(RawHttp2.DATA, end ? RawHttp2.END_STREAM : 0, stream, new byte[length]);
  }

  static byte[] trailers(int stream) {
    return head(stream, true, "x-t: y");
  }

  static byte[] head(int stream, boolean end, String... fields) {
    return RawHttp2.encode(
        RawHttp2.HEADERS,
        RawHttp2.END_HEADERS | (end ? RawHttp2.END_STREAM : 0),
        stream,
        RawHttp2.block(fields));
  }

  static String[] fields(int count, int size) {
    return Stream.iterate(0, i -> i + 1)
        .limit(count)
        .map(i -> "x-" + i + ": " + "x".repeat(size))
        .toArray(String[]::new);
  }

  static byte[] several(int count, byte[] frame) {
    byte[][] all = new byte[count][];
    Arrays.fill(all, frame);
    return join(all);
  }

  static byte[] join(byte[]... frames) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (byte[] frame : frames) {
      bytes.writeBytes(frame);
    }
    return bytes.toByteArray();
  }
}
