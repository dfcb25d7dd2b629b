package dev.understudy.fuzz;

import static dev.understudy.fuzz.StrictServer.ascii;
import static dev.understudy.fuzz.StrictServer.joined;
import static dev.understudy.testing.RawHttp2.CONTINUATION;
import static dev.understudy.testing.RawHttp2.DATA;
import static dev.understudy.testing.RawHttp2.END_HEADERS;
import static dev.understudy.testing.RawHttp2.END_STREAM;
import static dev.understudy.testing.RawHttp2.GOAWAY;
import static dev.understudy.testing.RawHttp2.HEADERS;
import static dev.understudy.testing.RawHttp2.PADDED;
import static dev.understudy.testing.RawHttp2.PING;
import static dev.understudy.testing.RawHttp2.RST_STREAM;
import static dev.understudy.testing.RawHttp2.SETTINGS;
import static dev.understudy.testing.RawHttp2.WINDOW_UPDATE;

import dev.understudy.fuzz.Http2Script.Step;
import dev.understudy.fuzz.Http2Script.Stream;
import dev.understudy.testing.RawHttp2;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Random;

/** Makes up HTTP/2 connections: streams whose frames alternate, some of them with a flaw. */
final class Http2Grammar {
  private static final int PRIORITY = 2;
  private static final int PRIORITY_FLAG = 0x20;
  private static final int UNKNOWN = 0x55;
  private static final int LARGE_WINDOW = 1 << 20;

  private final Random random;
  private final long seed;

  private Http2Grammar(long seed) {
    this.seed = seed;
    this.random = new Random(seed * 0x9E3779B97F4A7C15L);
  }

  /** The same seed makes the same. */
  static Http2Script script(long seed) {
    return new Http2Grammar(seed).script();
  }

  private Http2Script script() {
    List<Stream> streams = new ArrayList<>();
    List<Queue<Step>> queues = new ArrayList<>();
    int count = 1 + random.nextInt(7);
    boolean flawed = random.nextInt(4) > 0;
    for (int i = 0; i < count; i++) {
      Http2Flaw flaw = flawed && random.nextInt(3) == 0 ? any(Http2Flaw.values()) : null;
      Stream stream = stream(1 + 2 * i, flaw);
      streams.add(stream);
      queues.add(steps(stream));
    }
    List<Step> steps = new ArrayList<>();
    int opened = 0;
    // Streams begin in the order of their numbers.
    while (queues.stream().anyMatch(each -> !each.isEmpty())) {
      int at = random.nextInt(Math.min(queues.size(), opened + 1));
      if (at == opened) {
        opened++;
      }
      Step next = queues.get(at).poll();
      if (next != null) {
        steps.add(next);
      }
      if (random.nextInt(6) == 0) {
        steps.add(harmless());
      }
    }
    boolean mayEnd = random.nextInt(4) == 0;
    if (mayEnd) {
      // Between frames: a head that is not whole allows nothing in between.
      steps.add(random.nextInt(steps.size() + 1), fatal(2 * count + 1));
    }
    return new Http2Script(seed, window(streams, mayEnd), streams, steps, mayEnd);
  }

  private int window(List<Stream> streams, boolean mayEnd) {
    if (mayEnd) {
      // The proxy may take what opens a window for the rest of a broken frame.
      return LARGE_WINDOW;
    }
    boolean large = streams.stream().anyMatch(each -> Act.of(each.target()) == Act.LARGE);
    return large ? any(LARGE_WINDOW, 65_535, 16_384) : any(65_535, 3_000, 20, 1);
  }

  private Stream stream(int id, Http2Flaw flaw) {
    boolean body = random.nextBoolean() || (flaw != null && !flaw.isInHead());
    String method =
        body ? any("POST", "PUT", "PATCH", "BREW") : any("GET", "GET", "HEAD", "OPTIONS", "DELETE");
    Act act = any(Act.values());
    String lane = any("/e", "/g");
    String rest = act.word() + "/" + seed + "-" + id;
    String target =
        switch (random.nextInt(8)) {
          case 0 -> lane + "/guard/ws?" + rest;
          case 1 -> lane + "/x/../plain/%7E" + rest + "?a=|";
          case 2 -> "/none/" + rest;
          case 3 -> lane + "/redirect/" + rest;
          default -> lane + "/plain/" + rest;
        };
    byte[] content = new byte[body ? 1 + random.nextInt(random.nextInt(4) == 0 ? 5000 : 60) : 0];
    Arrays.fill(content, (byte) 'x');
    return new Stream(id, method, target, content, flaw);
  }

  private Queue<Step> steps(Stream stream) {
    Queue<Step> steps = new ArrayDeque<>();
    boolean body = stream.content().length > 0;
    Http2Flaw flaw = stream.flaw();
    boolean trailers = body && (random.nextInt(4) == 0 || isTrailer(flaw));
    steps.add(new Step(stream.id(), "HEADERS", head(stream, !body)));
    if (flaw == Http2Flaw.WINDOW_OF_NOTHING || flaw == Http2Flaw.WINDOW_TOO_LARGE) {
      int more = flaw == Http2Flaw.WINDOW_OF_NOTHING ? 0 : Integer.MAX_VALUE;
      steps.add(step(stream.id(), "WINDOW_UPDATE", WINDOW_UPDATE, 0, number(more)));
    }
    if (body) {
      data(stream, !trailers, steps);
    }
    if (trailers) {
      trailers(stream, steps);
    }
    return steps;
  }

  private static boolean isTrailer(Http2Flaw flaw) {
    return flaw == Http2Flaw.PSEUDO_TRAILER || flaw == Http2Flaw.TRAILERS_WITHOUT_END;
  }

  private byte[] head(Stream stream, boolean end) {
    byte[] block = Hpack.block(fields(stream));
    int pieces = 1 + random.nextInt(3);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int i = 0; i < pieces; i++) {
      byte[] piece =
          Arrays.copyOfRange(block, block.length * i / pieces, block.length * (i + 1) / pieces);
      int flags = i == pieces - 1 ? END_HEADERS : 0;
      if (i > 0) {
        bytes.writeBytes(RawHttp2.encode(CONTINUATION, flags, stream.id(), piece));
        continue;
      }
      flags |= end ? END_STREAM : 0;
      switch (random.nextInt(4)) {
        case 0 -> {
          flags |= PADDED;
          piece = padded(piece);
        }
        case 1 -> {
          flags |= PRIORITY_FLAG;
          piece = joined(new byte[] {0, 0, 0, 0, 9}, piece);
        }
        default -> {}
      }
      bytes.writeBytes(RawHttp2.encode(HEADERS, flags, stream.id(), piece));
    }
    return bytes.toByteArray();
  }

  private List<String> fields(Stream stream) {
    Http2Flaw flaw = stream.flaw();
    List<String> fields = new ArrayList<>();
    if (flaw != Http2Flaw.NO_METHOD) {
      String method = stream.method();
      method = flaw == Http2Flaw.SPACE_IN_METHOD ? method + " /x" : method;
      fields.add(":method: " + (flaw == Http2Flaw.LF_IN_METHOD ? method + "\n" : method));
    }
    if (flaw != Http2Flaw.NO_SCHEME) {
      fields.add(":scheme: https");
    }
    if (flaw != Http2Flaw.NO_PATH) {
      fields.add(":path: " + path(stream));
    }
    fields.add(":authority: h.test");
    fields.add("x-fuzz: " + seed + "-" + stream.id());
    fields.add("x-request-id: r" + seed + "-" + stream.id());
    int length = stream.content().length;
    if (flaw == Http2Flaw.TOO_LITTLE) {
      fields.add("content-length: " + (length + 1));
    } else if (flaw == Http2Flaw.TOO_MUCH) {
      fields.add("content-length: " + (length - 1));
    } else if (length > 0 && random.nextBoolean() && !hasOwnLength(flaw)) {
      fields.add("content-length: " + length);
    }
    if (random.nextInt(4) == 0) {
      fields.add(any("te: trailers", "cookie: a=1", "x-empty: ", "expect: 100-continue"));
    }
    if (flaw != null) {
      fields.addAll(flaw.fields());
    }
    return fields;
  }

  private static String path(Stream stream) {
    if (stream.flaw() == Http2Flaw.EMPTY_PATH) {
      return "";
    }
    if (stream.flaw() == Http2Flaw.ABSOLUTE_PATH) {
      return "https://other.test" + stream.target();
    }
    return stream.target() + (stream.flaw() == Http2Flaw.SPACE_IN_PATH ? " HTTP/1.1" : "");
  }

  /** With a length the body would be whole to a server before the trailers come. */
  private static boolean hasOwnLength(Http2Flaw flaw) {
    return flaw == Http2Flaw.TWO_LENGTHS || flaw == Http2Flaw.BAD_LENGTH || isTrailer(flaw);
  }

  private void data(Stream stream, boolean end, Queue<Step> steps) {
    byte[] content = stream.content();
    int pieces = 1 + random.nextInt(3);
    for (int i = 0; i < pieces; i++) {
      byte[] piece =
          Arrays.copyOfRange(
              content, content.length * i / pieces, content.length * (i + 1) / pieces);
      boolean last = end && i == pieces - 1;
      if (last && stream.flaw() == Http2Flaw.RESET) {
        steps.add(step(stream.id(), "RST_STREAM", RST_STREAM, 0, number(random.nextInt(14))));
        return;
      }
      boolean pad = random.nextInt(4) == 0;
      steps.add(
          step(
              stream.id(),
              last ? "DATA, the last" : "DATA",
              DATA,
              (pad ? PADDED : 0) | (last ? END_STREAM : 0),
              pad ? padded(piece) : piece));
    }
  }

  private void trailers(Stream stream, Queue<Step> steps) {
    if (stream.flaw() == Http2Flaw.RESET) {
      steps.add(step(stream.id(), "RST_STREAM", RST_STREAM, 0, number(8)));
      return;
    }
    boolean pseudo = stream.flaw() == Http2Flaw.PSEUDO_TRAILER;
    byte[] block = Hpack.block(List.of(pseudo ? ":path: /x" : "x-sum: 1"));
    int end = stream.flaw() == Http2Flaw.TRAILERS_WITHOUT_END ? 0 : END_STREAM;
    steps.add(step(stream.id(), "trailers", HEADERS, END_HEADERS | end, block));
  }

  private Step harmless() {
    return switch (random.nextInt(6)) {
      case 0 -> step(0, "PING", PING, 0, new byte[8]);
      case 1 -> step(0, "SETTINGS", SETTINGS, 0, new byte[] {0, 9, 0, 0, 0, 1});
      case 2 -> step(0, "PRIORITY", PRIORITY, 0, 199, new byte[] {0, 0, 0, 0, 1});
      case 3 -> step(0, "unknown frame", UNKNOWN, 0xff, new byte[random.nextInt(9)]);
      case 4 -> step(0, "WINDOW_UPDATE", WINDOW_UPDATE, 0, number(1 + random.nextInt(9)));
      default -> step(0, "unknown frame of a stream", UNKNOWN, 0, 301, new byte[3]);
    };
  }

  /** What may end the connection (RFC 9113 §4.2, §4.3, §5.1, §6). */
  private Step fatal(int unused) {
    return switch (random.nextInt(18)) {
      case 0 -> step(0, "PING too short", PING, 0, new byte[7]);
      case 1 -> step(0, "PING of a stream", PING, 0, 1, new byte[8]);
      case 2 -> step(0, "SETTINGS of 5 bytes", SETTINGS, 0, new byte[5]);
      case 3 -> step(0, "SETTINGS of a stream", SETTINGS, 0, 1, new byte[0]);
      case 4 -> step(0, "acknowledgement with settings", SETTINGS, 1, new byte[6]);
      case 5 -> step(0, "window size out of range", SETTINGS, 0, new byte[] {0, 4, -1, -1, -1, -1});
      case 6 -> step(0, "DATA of the connection", DATA, 0, new byte[3]);
      case 7 -> step(0, "DATA of an idle stream", DATA, 0, unused, new byte[3]);
      case 8 -> step(0, "HEADERS of the connection", HEADERS, END_HEADERS, block());
      case 9 -> step(0, "HEADERS of an even stream", HEADERS, END_HEADERS | 1, 2, block());
      case 10 -> step(0, "CONTINUATION of nothing", CONTINUATION, END_HEADERS, 1, block());
      case 11 -> step(0, "HEADERS without END_HEADERS", HEADERS, END_STREAM, unused, block());
      case 12 -> step(0, "padding beyond the frame", DATA, PADDED, 1, new byte[] {9, 1});
      case 13 -> step(0, "window of nothing", WINDOW_UPDATE, 0, number(0));
      case 14 -> step(0, "window too large", WINDOW_UPDATE, 0, number(Integer.MAX_VALUE));
      case 15 -> step(0, "RST_STREAM of an idle stream", RST_STREAM, 0, unused, number(8));
      case 16 -> {
        byte[] garbage = new byte[20];
        random.nextBytes(garbage);
        yield step(0, "garbage for HPACK", HEADERS, END_HEADERS | 1, unused, garbage);
      }
      default -> {
        byte[] garbage = new byte[1 + random.nextInt(30)];
        random.nextBytes(garbage);
        yield random.nextBoolean()
            ? new Step(0, "garbage", garbage)
            : step(0, "GOAWAY", GOAWAY, 0, new byte[8]);
      }
    };
  }

  private byte[] block() {
    return Hpack.block(
        List.of(":method: GET", ":scheme: https", ":path: /none/extra", ":authority: h.test"));
  }

  private Step step(int stream, String what, int type, int flags, byte[] payload) {
    return step(stream, what, type, flags, stream, payload);
  }

  private Step step(int owner, String what, int type, int flags, int stream, byte[] payload) {
    return new Step(owner, what, RawHttp2.encode(type, flags, stream, payload));
  }

  private byte[] padded(byte[] piece) {
    byte padding = (byte) random.nextInt(20);
    return joined(new byte[] {padding}, piece, new byte[padding]);
  }

  private static byte[] number(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }

  @SafeVarargs
  private <T> T any(T... values) {
    return values[random.nextInt(values.length)];
  }

  /** Fields as they are, good or bad: each a literal of its own (RFC 7541 §6.2.2). */
  private static final class Hpack {
    static byte[] block(List<String> fields) {
      ByteArrayOutputStream block = new ByteArrayOutputStream();
      for (String field : fields) {
        int colon = field.indexOf(": ", 1);
        block.write(0);
        string(field.substring(0, colon), block);
        string(field.substring(colon + 2), block);
      }
      return block.toByteArray();
    }

    private static void string(String text, ByteArrayOutputStream to) {
      int length = text.length();
      if (length < 127) {
        to.write(length);
      } else {
        to.write(127);
        to.write(length - 127);
      }
      to.writeBytes(ascii(text));
    }
  }
}
