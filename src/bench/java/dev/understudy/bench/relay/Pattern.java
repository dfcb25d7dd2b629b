package dev.understudy.bench.relay;

/** What clients and the server send each other. */
enum Pattern {
  /** The server sends as fast as it can. */
  DOWNLOAD("bulk: server to client", "MB", 1 << 20, 4),
  /** The client sends as fast as it can. */
  UPLOAD("bulk: client to server", "MB", 1 << 20, 4),
  /** One message of 125 bytes at a time on each connection, there and back. */
  MESSAGES("messages of 125 bytes, there and back", "message", 1, 64),
  /** One message there and back on each connection, which the server closes then. */
  CONNECTIONS("new connections", "connection", 1, 16);

  static final int MESSAGE_BYTES = 125;

  private final String title;
  private final String unit;
  private final int amount;
  private final int clients;

  Pattern(String title, String unit, int amount, int clients) {
    this.title = title;
    this.unit = unit;
    this.amount = amount;
    this.clients = clients;
  }

  String title() {
    return title;
  }

  /** What is counted. */
  String unit() {
    return unit;
  }

  /** How much of what {@link Load} counts is one unit. */
  int amount() {
    return amount;
  }

  int clients() {
    return clients;
  }
}
