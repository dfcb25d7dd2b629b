package dev.understudy.proxy.frontend.http2;

/**
 * The state of one HTTP/2 stream, which carries one request. Pure: {@link Http2ClientStream}
 * carries it out.
 *
 * <table>
 *   <caption>State, event, next state; any other event leaves the state as it is</caption>
 *   <tr><td>WAITING for the request's head</td><td>HEAD</td><td>INCOMPLETE</td></tr>
 *   <tr><td>INCOMPLETE: a lane forwards the request, or it gets a local response; the client's side
 *       of the stream is open</td><td>REQUEST_END</td><td>COMPLETE</td></tr>
 *   <tr><td></td><td>RESPONSE_END: the response is written</td><td>REMAINING_BODY</td></tr>
 *   <tr><td></td><td>UPGRADE: a 101 is written as 200 (RFC 8441)</td><td>TUNNEL</td></tr>
 *   <tr><td>COMPLETE: the client has ended its side</td><td>RESPONSE_END</td><td>OVER</td></tr>
 *   <tr><td></td><td>UPGRADE</td><td>TUNNEL</td></tr>
 *   <tr><td>REMAINING_BODY: response written, the remaining body is dropped</td>
 *       <td>REQUEST_END</td><td>OVER</td></tr>
 *   <tr><td>TUNNEL: the stream is a WebSocket's channel</td><td></td><td></td></tr>
 *   <tr><td>OVER: queued frames are written, then the stream closes by itself; input is dropped</td>
 *       <td></td><td></td></tr>
 *   <tr><td>CLOSED: nothing more can be sent</td><td></td><td></td></tr>
 *   <tr><td>any but CLOSED</td><td>OUTPUT_END: the response is broken off, the stream is reset or
 *       refused, or the remaining body is too large or too slow</td><td>OVER</td></tr>
 *   <tr><td>any</td><td>CLOSE: the stream or its connection has ended</td><td>CLOSED</td></tr>
 * </table>
 */
enum Http2StreamState {
  WAITING,
  INCOMPLETE,
  COMPLETE,
  REMAINING_BODY,
  TUNNEL,
  OVER,
  CLOSED;

  /** What happens to the stream. */
  enum Event {
    HEAD,
    REQUEST_END,
    RESPONSE_END,
    UPGRADE,
    OUTPUT_END,
    CLOSE
  }

  /** Returns the state after the event. */
  Http2StreamState after(Event event) {
    return switch (event) {
      case HEAD -> this == WAITING ? INCOMPLETE : this;
      case REQUEST_END ->
          switch (this) {
            case INCOMPLETE -> COMPLETE;
            case REMAINING_BODY -> OVER;
            default -> this;
          };
      case RESPONSE_END -> isIncomplete() ? REMAINING_BODY : this == COMPLETE ? OVER : this;
      case UPGRADE -> isExchange() ? TUNNEL : this;
      case OUTPUT_END -> this == CLOSED ? CLOSED : OVER;
      case CLOSE -> CLOSED;
    };
  }

  /** Whether a request awaits the end of its response. */
  boolean isExchange() {
    return this == INCOMPLETE || this == COMPLETE;
  }

  /** Whether the client must send more of a request that awaits the end of its response. */
  boolean isIncomplete() {
    return this == INCOMPLETE;
  }

  /** Whether data waits until it is read. */
  boolean keepsData() {
    return isExchange() || this == TUNNEL;
  }

  /** Whether it is the client's turn to read what waits, or to send. */
  boolean awaitsClient() {
    return this != WAITING && this != TUNNEL;
  }
}
