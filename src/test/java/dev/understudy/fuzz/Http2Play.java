package dev.understudy.fuzz;

import static dev.understudy.testing.RawHttp2.ACK;
import static dev.understudy.testing.RawHttp2.DATA;
import static dev.understudy.testing.RawHttp2.END_STREAM;
import static dev.understudy.testing.RawHttp2.GOAWAY;
import static dev.understudy.testing.RawHttp2.HEADERS;
import static dev.understudy.testing.RawHttp2.PING;
import static dev.understudy.testing.RawHttp2.RST_STREAM;

import dev.understudy.FuzzedProxy;
import dev.understudy.fuzz.Http2Script.Step;
import dev.understudy.fuzz.Http2Script.Stream;
import dev.understudy.testing.RawHttp2;
import dev.understudy.testing.RawHttp2.Frame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A client of HTTP/2. */
final class Http2Play extends Play {

  private static final int INITIAL_WINDOW_SIZE = 4;
  private static final byte[] LAST_PING = {'t', 'h', 'e', ' ', 'l', 'a', 's', 't'};

  /** What came on one stream. */
  static final class Response {
    volatile int status;
    volatile String echo;
    volatile String requestId;
    volatile long length = -1;
    final ByteArrayOutputStream content = new ByteArrayOutputStream();
    volatile boolean ended;
    volatile long reset = -1;

    /** Bytes that came since its window was opened. */
    private int used;

    boolean isOver() {
      return ended || reset >= 0;
    }
  }

  private final Http2Script script;
  private final RawHttp2 client;
  private final Map<Integer, Response> responses = new ConcurrentHashMap<>();
  private final List<String> frames = new CopyOnWriteArrayList<>();
  private volatile boolean pinged;
  private volatile long goAway = -1;

  Http2Play(Http2Script script, FuzzedProxy proxy, StrictServer server, long deadlineNanos) {
    this(script, proxy, server, RawHttp2.connect(proxy.port()), deadlineNanos);
  }

  private Http2Play(
      Http2Script script, FuzzedProxy proxy, StrictServer server, RawHttp2 client, long deadline) {
    super(proxy, server, client.localPort(), deadline);
    this.script = script;
    this.client = client;
  }

  @Override
  void close() {
    client.close();
  }

  @Override
  void write() throws IOException {
    client.settings(INITIAL_WINDOW_SIZE, script.window()).window(0, 1 << 24);
    for (Step step : script.steps()) {
      client.bytes(step.bytes());
    }
    // A frame that is not whole has the proxy wait for the rest of it, and nothing else happens.
    await("the responses to good streams", script.mayEnd(), this::isAnswered);
    if (!script.mayEnd()) {
      client.frame(PING, 0, 0, LAST_PING);
      await("the response to a PING", false, () -> pinged || ended);
    }
  }

  private boolean isAnswered() {
    return ended
        // Of what comes after an error that may end it, nothing is sure; some wait for more bytes.
        || (script.mayEnd() && goAway >= 0)
        || script.streams().stream().filter(Stream::isGood).allMatch(this::isOver);
  }

  private boolean isOver(Stream stream) {
    Response response = responses.get(stream.id());
    return response != null && response.isOver();
  }

  @Override
  void read() throws IOException {
    while (true) {
      take(client.read());
    }
  }

  private void take(Frame frame) throws IOException {
    frames.add(
        "client got type %d flags %x stream %d, %d bytes %s"
            .formatted(
                frame.type(),
                frame.flags(),
                frame.stream(),
                frame.payload().length,
                frame.fields() == null ? "" : frame.fields()));
    switch (frame.type()) {
      case HEADERS -> head(frame);
      case DATA -> data(frame);
      case RST_STREAM -> response(frame).reset = frame.number(0);
      case PING -> pinged |= frame.is(ACK) && java.util.Arrays.equals(frame.payload(), LAST_PING);
      case GOAWAY -> goAway = frame.number(4);
      default -> {}
    }
  }

  private Response response(Frame frame) {
    return responses.computeIfAbsent(frame.stream(), any -> new Response());
  }

  private void head(Frame frame) {
    Response response = response(frame);
    if (response.isOver()) {
      violation = "HEADERS after the end of stream " + frame.stream();
    }
    CharSequence status = frame.fields().status();
    int said = status == null ? 0 : Integer.parseInt(status.toString());
    if (response.status == 0 && said >= 200) {
      response.status = said;
      response.echo = text(frame.fields().get(StrictServer.ECHO));
      response.requestId = text(frame.fields().get("x-request-id"));
      CharSequence length = frame.fields().get("content-length");
      response.length = length == null ? -1 : Long.parseLong(length.toString());
    } else if (said != 0 && (said >= 200 || response.status != 0)) {
      violation = "a second response on stream " + frame.stream();
    } else if (said == 0 && (response.status == 0 || !frame.is(END_STREAM))) {
      violation = "trailers where none can be on stream " + frame.stream();
    }
    response.ended |= frame.is(END_STREAM);
  }

  private static String text(CharSequence value) {
    return value == null ? null : value.toString();
  }

  private void data(Frame frame) throws IOException {
    Response response = response(frame);
    if (response.isOver() || response.status == 0) {
      violation = "DATA where none can be on stream " + frame.stream();
    }
    response.content.writeBytes(frame.payload());
    response.used += frame.payload().length;
    if (response.used > script.window()) {
      violation = "more than the window of stream " + frame.stream();
    }
    response.ended |= frame.is(END_STREAM);
    boolean late = script.seed() % 2 == 0;
    if (!response.ended && response.used > 0 && (!late || response.used == script.window())) {
      int opened = response.used;
      response.used = 0;
      client.window(frame.stream(), opened);
    }
  }

  Map<Integer, Response> responses() {
    return responses;
  }

  List<String> frames() {
    return frames;
  }

  /** The error with which the proxy has ended it; negative: it has not said so. */
  long goAway() {
    return goAway;
  }
}
