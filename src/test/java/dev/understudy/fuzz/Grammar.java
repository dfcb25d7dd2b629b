package dev.understudy.fuzz;

import static dev.understudy.fuzz.StrictServer.ascii;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Makes up the requests of one connection, each of them as it should be. */
final class Grammar {
  private static final String[] WITHOUT_BODY = {"GET", "GET", "GET", "GET", "HEAD", "OPTIONS"};
  private static final String[] WITH_BODY = {"POST", "POST", "PUT", "PATCH", "DELETE", "BREW"};
  private static final String[] ANY = {"GET", "HEAD", "POST", "PUT", "BREW", "get", "TRACE", "M-X"};

  private enum Framing {
    NONE,
    LENGTH,
    CHUNKED
  }

  private final Random random;
  private final long seed;
  private final boolean clean;
  private boolean holds;

  /**
   * @param clean whether only what is sure to be forwarded
   */
  Grammar(Random random, long seed, boolean clean) {
    this.random = random;
    this.seed = seed;
    this.clean = clean;
  }

  /** Whether the pool {@code held} is among its targets. */
  boolean holds() {
    return holds;
  }

  List<byte[]> messages() {
    int count = 1 + random.nextInt(5);
    List<byte[]> messages = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      messages.add(message(i, i == count - 1));
    }
    if (!clean && random.nextInt(6) == 0) {
      messages.addAll(random.nextInt(messages.size()), brokenUpload());
    }
    return messages;
  }

  /**
   * A body that ends with what is no chunk after its response may have been sent, and a request.
   */
  private List<byte[]> brokenUpload() {
    String lane = any("/e", "/g");
    String target = any("/redirect/a-ok/", "/guard/ws?a-ok/", "/plain/a-early/", "/plain/a-ok/");
    String upload =
        any("POST ", "PUT ")
            + lane
            + target
            + seed
            + "-u HTTP/1.1\r\nHost: h.test\r\nTransfer-Encoding: chunked\r\n\r\n"
            + any("", "3\r\nabc\r\n")
            + any(
                "zz\r\n", "-1\r\n", "\r\n", "5;\r\n", "1 \r\n", "0x1\r\n", "0\r\nno colon\r\n\r\n");
    String request = "GET " + any("/e", "/g") + "/plain/a-ok/" + seed + "-after HTTP/1.1\r\n";
    return List.of(ascii(upload), ascii(request + "Host: h.test\r\nX-Fuzz: " + seed + "\r\n\r\n"));
  }

  private byte[] message(int number, boolean last) {
    String id = seed + "-" + number;
    Framing framing = any(Framing.values());
    boolean old = random.nextInt(16) == 0 && framing != Framing.CHUNKED && (last || !clean);
    String method = any(framing == Framing.NONE ? WITHOUT_BODY : WITH_BODY);
    if (random.nextInt(12) == 0) {
      method = any(ANY);
    }
    boolean handshake = random.nextInt(10) == 0 && (last || !clean);
    if (handshake) {
      method = "GET";
      framing = random.nextInt(4) == 0 && !clean ? framing : Framing.NONE;
    }
    byte[] body = framing == Framing.NONE ? new byte[0] : body(id);
    StringBuilder head = new StringBuilder();
    head.append(method).append(' ').append(target(id, handshake));
    head.append(old ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n");
    List<String> fields = fields(id, last, handshake);
    switch (framing) {
      case NONE -> {}
      case LENGTH -> fields.add("Content-Length: " + body.length);
      case CHUNKED -> fields.add("Transfer-Encoding: " + any("chunked", "Chunked"));
    }
    java.util.Collections.shuffle(fields, random);
    fields.forEach(field -> head.append(field).append("\r\n"));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(ascii(head + "\r\n"));
    if (framing == Framing.CHUNKED) {
      chunks(body, bytes);
    } else {
      bytes.writeBytes(body);
    }
    return bytes.toByteArray();
  }

  private String target(String id, boolean handshake) {
    String lane = any("/e", "/g");
    Act act = handshake && random.nextInt(3) > 0 ? Act.SWITCH : any(Act.values());
    if (act == Act.LARGE && random.nextInt(4) > 0) {
      act = Act.OK;
    }
    String rest = act.word() + "/" + id;
    return switch (random.nextInt(handshake ? 6 : 16)) {
      case 0, 1, 2 -> lane + "/guard/ws?" + rest;
      case 3 -> {
        holds = true;
        yield lane + "/held/" + rest;
      }
      case 6, 7, 8 -> lane + "/redirect/" + rest;
      case 9 -> clean ? lane + "/plain/" + rest : "/none/" + rest;
      case 10 -> any("http://", "HTTP://") + "Other.test:81" + lane + "/plain/" + rest;
      case 11 -> lane + "/x/../plain/%7E" + rest + "?a=|&b=%2F";
      default -> lane + "/plain/" + rest;
    };
  }

  private List<String> fields(String id, boolean last, boolean handshake) {
    List<String> fields = new ArrayList<>();
    fields.add(
        any("Host: h.test", "Host: h.test", "Host: h.test", "host:h.test:80", "HOST:  [::1]  "));
    fields.add("X-Fuzz: " + id);
    fields.add("X-Request-Id: r" + id);
    if (random.nextInt(4) == 0) {
      fields.add(any("Accept: text/html, */*", "Cookie: a=1; b=\"2\"", "X-Empty:", "TE: trailers"));
    }
    if (handshake) {
      fields.add("Upgrade: " + any("websocket", "WebSocket"));
      fields.add("Connection: " + any("Upgrade", "keep-alive, upgrade"));
      fields.add("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
      fields.add("Sec-WebSocket-Version: 13");
      if (random.nextInt(4) == 0 && !clean) {
        fields.add("Sec-WebSocket-Key1: 4 @1  46546xW%0l 1 5");
        fields.add("Sec-WebSocket-Key2: 12998 5 Y3 1  .P00");
      }
    } else if (random.nextInt(3) == 0) {
      String close = last || !clean ? "close" : "keep-alive";
      fields.add("Connection: " + any("keep-alive", "Keep-Alive, X-None", "te", close));
    }
    if (random.nextInt(10) == 0 && !clean) {
      fields.add("Expect: 100-continue");
    }
    return fields;
  }

  /** Mostly what would be requests, if anybody took it for some. */
  private byte[] body(String id) {
    int[] bounds = {2, 200, 200, 1000, 1000, 9000, random.nextInt(6) == 0 ? 100_000 : 3000};
    byte[] bytes = new byte[random.nextInt(bounds[random.nextInt(bounds.length)])];
    byte[] inside =
        ascii(
            "\r\n\r\nGET /e/plain/a-ok/inside-"
                + id
                + " HTTP/1.1\r\nHost: inside\r\n\r\n0\r\n\r\n");
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = inside[i % inside.length];
    }
    return bytes;
  }

  private void chunks(byte[] body, ByteArrayOutputStream to) {
    int from = 0;
    while (from < body.length) {
      int length = Math.min(body.length - from, 1 + random.nextInt(Math.max(1, body.length / 2)));
      String size = Integer.toHexString(length);
      to.writeBytes(
          ascii(any(size, size, size, size.toUpperCase(java.util.Locale.ROOT), "00" + size)));
      to.writeBytes(ascii(any("", "", "", ";a", ";a=b", "; a=\"b;\\\"c\"")));
      to.writeBytes(ascii("\r\n"));
      to.writeBytes(Arrays.copyOfRange(body, from, from + length));
      to.writeBytes(ascii("\r\n"));
      from += length;
    }
    to.writeBytes(
        ascii(
            any(
                "0\r\n\r\n",
                "0\r\n\r\n",
                "000\r\n\r\n",
                "0\r\nX-Sum: 1\r\n\r\n",
                "0;a=b\r\n\r\n")));
  }

  @SafeVarargs
  private <T> T any(T... values) {
    return values[random.nextInt(values.length)];
  }
}
