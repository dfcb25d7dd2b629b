package dev.understudy.fuzz;

import java.util.List;

/** What may be wrong with one HTTP/2 request: a stream error, at most (RFC 9113 §5.4.2, §8.1.1). */
enum Http2Flaw {
  // In its head: nothing of it may reach a server.
  UPPER_CASE("X-Upper: 1"),
  CONNECTION("connection: keep-alive"),
  UPGRADE("upgrade: websocket"),
  TRANSFER_ENCODING("transfer-encoding: chunked"),
  KEEP_ALIVE("keep-alive: 5"),
  TE("te: gzip"),
  TWO_PATHS(":path: /e/plain/a-ok/second"),
  UNKNOWN_PSEUDO(":unknown: 1"),
  LATE_PSEUDO("x: y", ":method: GET"),
  RESPONSE_PSEUDO(":status: 200"),
  LF_IN_VALUE("x-lf: a\nb"),
  CR_IN_VALUE("x-cr: a\r\nx-smuggled: b"),
  NUL_IN_VALUE("x-nul: a\0b"),
  LF_IN_NAME("x-lf\nname: a"),
  SPACE_IN_NAME("x space: a"),
  COLON_IN_NAME("x:y: a"),
  SPACE_AFTER_VALUE("x-space: a "),
  TWO_LENGTHS("content-length: 1", "content-length: 2"),
  BAD_LENGTH("content-length: +1"),
  NO_METHOD,
  NO_PATH,
  NO_SCHEME,
  EMPTY_PATH,
  ABSOLUTE_PATH,
  SPACE_IN_METHOD,
  LF_IN_METHOD,
  SPACE_IN_PATH,
  OTHER_HOST("host: other.test"),
  // Later: a server may get its head, but never a body that looks whole.
  TOO_LITTLE,
  TOO_MUCH,
  PSEUDO_TRAILER,
  TRAILERS_WITHOUT_END,
  RESET,
  WINDOW_OF_NOTHING,
  WINDOW_TOO_LARGE;

  private final List<String> fields;

  Http2Flaw(String... fields) {
    this.fields = List.of(fields);
  }

  /** Fields that it adds to a head. */
  List<String> fields() {
    return fields;
  }

  boolean isInHead() {
    return ordinal() <= OTHER_HOST.ordinal();
  }

  /** Whether the body may have come whole before it shows. */
  boolean mayComeWhole() {
    return this == TOO_MUCH
        || this == RESET
        || this == WINDOW_OF_NOTHING
        || this == WINDOW_TOO_LARGE;
  }
}
