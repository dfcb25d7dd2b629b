package dev.understudy.proxy.upstream;

/**
 * The stage of an HTTP/2 connection to a server. Pure. What is not in the table changes nothing.
 *
 * <table>
 *   <caption>Stage, event, next stage</caption>
 *   <tr><td>OPENING: streams wait</td><td>PREFACE_SENT</td><td>GREETING</td></tr>
 *   <tr><td></td><td>HTTP_1_CHOSEN</td><td>HANDED_OVER</td></tr>
 *   <tr><td></td><td>UNUSED, ENDED</td><td>CLOSED</td></tr>
 *   <tr><td>GREETING: streams wait, but for early ones</td><td>SETTINGS</td><td>OPEN</td></tr>
 *   <tr><td></td><td>UNUSED, ENDED</td><td>CLOSED</td></tr>
 *   <tr><td>OPEN: takes streams</td><td>RETIREMENT</td>
 *       <td>RETIRED; CLOSED if it has no stream</td></tr>
 *   <tr><td></td><td>ENDED</td><td>CLOSED</td></tr>
 *   <tr><td>RETIRED: takes no stream</td><td>UNUSED, ENDED</td><td>CLOSED</td></tr>
 *   <tr><td>HANDED_OVER: speaks HTTP/1.1</td><td></td><td></td></tr>
 *   <tr><td>CLOSED</td><td></td><td></td></tr>
 * </table>
 */
enum Http2Stage {
  OPENING,
  GREETING,
  OPEN,
  RETIRED,
  HANDED_OVER,
  CLOSED;

  enum Event {
    /** The preface was sent, and with it SETTINGS. */
    PREFACE_SENT,

    /** The server's SETTINGS came. */
    SETTINGS,

    /** The server has chosen HTTP/1.1 by ALPN. */
    HTTP_1_CHOSEN,

    /**
     * GOAWAY came, the server is silent, idle, or judged DOWN, a write has failed, or there were
     * too many streams or resets.
     */
    RETIREMENT,

    /** The last stream has left, of those that waited or had begun. */
    UNUSED,

    /** The channel is closed, or could not be opened. */
    ENDED
  }

  /**
   * Returns the stage after an event.
   *
   * @param unused whether no stream waits or is open
   */
  Http2Stage after(Event event, boolean unused) {
    return switch (event) {
      case PREFACE_SENT -> this == OPENING ? GREETING : this;
      case SETTINGS -> this == GREETING ? OPEN : this;
      case HTTP_1_CHOSEN -> this == OPENING ? HANDED_OVER : this;
      case RETIREMENT -> this == OPEN ? (unused ? CLOSED : RETIRED) : this;
      case UNUSED -> isBeginning() || this == RETIRED ? CLOSED : this;
      case ENDED -> this == HANDED_OVER ? this : CLOSED;
    };
  }

  /** Whether streams may wait for the connection. */
  boolean isBeginning() {
    return this == OPENING || this == GREETING;
  }

  /** Whether the connection takes streams, or will. */
  boolean takesStreams() {
    return isBeginning() || this == OPEN;
  }
}
