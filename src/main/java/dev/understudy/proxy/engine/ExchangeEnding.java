package dev.understudy.proxy.engine;

/**
 * How an exchange ends for the client, if not by the server's whole response; pure.
 *
 * <table>
 *   <caption>Cause, and the ending before and after the response's head has gone to the client</caption>
 *   <tr><td>cause</td><td>before</td><td>after</td></tr>
 *   <tr><td>NO_RESPONSE</td><td>RESPOND</td><td>BREAK_OFF</td></tr>
 *   <tr><td>BAD_REQUEST</td><td>RESPOND</td><td>ABORT</td></tr>
 *   <tr><td>CLIENT_LATE</td><td>ABORT</td><td>ABORT</td></tr>
 *   <tr><td>CLIENT_GONE</td><td>NONE</td><td>NONE</td></tr>
 *   <tr><td>SERVER_LEFT</td><td>RESPOND</td><td>COMPLETE an event stream, BREAK_OFF others</td></tr>
 *   <tr><td>STOPPING</td><td>RESPOND</td><td>the same if the client takes it, else ABORT</td></tr>
 * </table>
 */
enum ExchangeEnding {
  /** With a response of ours. */
  RESPOND,
  /**
   * As if the response were whole. An event stream has no end of its own: its clients discard an
   * incomplete event and connect again (WHATWG HTML, 9.2).
   */
  COMPLETE,
  /** Prematurely; the part that has been received is delivered. */
  BREAK_OFF,
  /** At once, without delivery: the client does not read, or must not be waited for. */
  ABORT,
  /** Without anything: nothing more can be sent. */
  NONE;

  /** Why an exchange ends. */
  enum Cause {
    /** No server gave a response, or none that was whole. */
    NO_RESPONSE,
    /** The request cannot be forwarded, as it came or as a filter changed it. */
    BAD_REQUEST,
    /** The client does not take what it is given. */
    CLIENT_LATE,
    /** The client disconnected, or violated its protocol. */
    CLIENT_GONE,
    /** The response has to leave its server. */
    SERVER_LEFT,
    /** This process is stopping, and the grace time is over. */
    STOPPING
  }

  /**
   * Returns the ending.
   *
   * @param begun whether the response's head has gone to the client
   * @param taken whether the client takes more of the response
   * @param events whether the response is an event stream
   */
  static ExchangeEnding of(Cause cause, boolean begun, boolean taken, boolean events) {
    return switch (cause) {
      case NO_RESPONSE -> begun ? BREAK_OFF : RESPOND;
      case BAD_REQUEST -> begun ? ABORT : RESPOND;
      case CLIENT_LATE -> ABORT;
      case CLIENT_GONE -> NONE;
      case SERVER_LEFT -> begun ? left(events) : RESPOND;
      case STOPPING -> begun ? (taken ? left(events) : ABORT) : RESPOND;
    };
  }

  private static ExchangeEnding left(boolean events) {
    return events ? COMPLETE : BREAK_OFF;
  }
}
