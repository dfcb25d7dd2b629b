package dev.understudy.proxy.tcp;

/** What a relayed connection is in; {@link RelayMachine} has the table of what follows what. */
enum RelayState {
  /** What precedes the bytes to relay is awaited: see {@link RelayBeginning}. */
  BEGINNING,
  /** A server is being looked for; the connection is held while none can serve. */
  WAITING,
  /** A connection to a server is being made, TLS included; nothing was sent to it. */
  CONNECTING,
  /** Open; nothing has passed yet, not even an end, and no server has broken it off before. */
  FRESH,
  /** Open; the server has sent nothing, although the client has, or it is the second one. */
  UNANSWERED,
  /** Open; the server has sent something. */
  ANSWERED,
  /** The client has ended its output; the server's bytes pass. */
  CLIENT_ENDED,
  /** The server has ended its output; the client's bytes pass. */
  SERVER_ENDED,
  /** Both have ended their outputs; the last bytes are written. */
  BOTH_ENDED,
  /** As FRESH, but the server takes nothing: what it sent, or its close, decides. */
  DOUBTED,
  /** The end is decided; what the server sent is still written to the client. */
  LINGERING,
  /** The end is decided; the channels close. */
  CLOSING,
  /** Final. */
  ENDED;

  /** Whether it is decided how the connection ends: the client's bytes pass no more. */
  boolean isEnding() {
    return compareTo(LINGERING) >= 0;
  }

  /** Whether it lasts only for as long as the client takes what the server sent. */
  boolean isLingering() {
    return this == DOUBTED || this == LINGERING;
  }
}
