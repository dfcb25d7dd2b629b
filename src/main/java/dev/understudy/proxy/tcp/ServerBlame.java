package dev.understudy.proxy.tcp;

/** What a server is reported for while a connection to it is open. */
enum ServerBlame {
  /** It ended its output, or broke off, without a byte, although its client went on. */
  NO_BYTE("closed without a byte"),
  /** It broke off, or takes no more. */
  BROKE("a connection broke");

  /** For people. */
  final String words;

  ServerBlame(String words) {
    this.words = words;
  }
}
