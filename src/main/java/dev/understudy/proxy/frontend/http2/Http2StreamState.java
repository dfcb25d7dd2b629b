package dev.understudy.proxy.frontend.http2;

/**
 * The state of one HTTP/2 stream, which carries one request in either lane. Pure: {@link
 * Http2ClientStream} carries it out.
 *
 * <table>
 *   <caption>State, event, next state; any other event leaves the state as it is</caption>
 *   <tr><td>WAITING for the request's head</td><td>EXPRESS_HEAD: of a compiled route, or to be
 *       refused</td><td>EXPRESS_INCOMPLETE</td></tr>
 *   <tr><td></td><td>GATEWAY_HEAD: any other head</td><td>GATEWAY_INCOMPLETE</td></tr>
 *   <tr><td>EXPRESS_INCOMPLETE: the engine forwards the request, or it gets a local response; the
 *       client's side of the stream is open</td><td>REQUEST_END</td><td>EXPRESS_COMPLETE</td></tr>
 *   <tr><td>GATEWAY_INCOMPLETE: all messages pass to Reactor Netty; the client's side of the stream
 *       is open</td><td>REQUEST_END</td><td>GATEWAY_COMPLETE</td></tr>
 *   <tr><td>both</td><td>RESPONSE_END: the response is written</td><td>REMAINING_BODY</td></tr>
 *   <tr><td></td><td>UPGRADE: a 101 is written as 200 (RFC 8441)</td><td>TUNNEL_UNREAD</td></tr>
 *   <tr><td>EXPRESS_COMPLETE, GATEWAY_COMPLETE: the client has ended its side</td>
 *       <td>RESPONSE_END</td><td>OVER</td></tr>
 *   <tr><td></td><td>UPGRADE</td><td>TUNNEL_UNREAD</td></tr>
 *   <tr><td>REMAINING_BODY: response written, the remaining body is dropped</td>
 *       <td>REQUEST_END</td><td>OVER</td></tr>
 *   <tr><td>TUNNEL_UNREAD: a WebSocket owns the stream and has not read yet; data is kept</td>
 *       <td>TUNNEL_READ</td><td>TUNNEL</td></tr>
 *   <tr><td>TUNNEL: data goes to the WebSocket</td><td></td><td></td></tr>
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
  EXPRESS_INCOMPLETE,
  EXPRESS_COMPLETE,
  GATEWAY_INCOMPLETE,
  GATEWAY_COMPLETE,
  REMAINING_BODY,
  TUNNEL_UNREAD,
  TUNNEL,
  OVER,
  CLOSED;

  /** What happens to the stream. */
  enum Event {
    EXPRESS_HEAD,
    GATEWAY_HEAD,
    REQUEST_END,
    RESPONSE_END,
    UPGRADE,
    TUNNEL_READ,
    OUTPUT_END,
    CLOSE
  }

  /** Returns the state after the event. */
  Http2StreamState after(Event event) {
    return switch (event) {
      case EXPRESS_HEAD -> this == WAITING ? EXPRESS_INCOMPLETE : this;
      case GATEWAY_HEAD -> this == WAITING ? GATEWAY_INCOMPLETE : this;
      case REQUEST_END ->
          switch (this) {
            case EXPRESS_INCOMPLETE -> EXPRESS_COMPLETE;
            case GATEWAY_INCOMPLETE -> GATEWAY_COMPLETE;
            case REMAINING_BODY -> OVER;
            default -> this;
          };
      case RESPONSE_END -> isIncomplete() ? REMAINING_BODY : isComplete() ? OVER : this;
      case UPGRADE -> isIncomplete() || isComplete() ? TUNNEL_UNREAD : this;
      case TUNNEL_READ -> this == TUNNEL_UNREAD ? TUNNEL : this;
      case OUTPUT_END -> this == CLOSED ? CLOSED : OVER;
      case CLOSE -> CLOSED;
    };
  }

  /** Whether a request of the express lane awaits the end of its response. */
  boolean isExpress() {
    return this == EXPRESS_INCOMPLETE || this == EXPRESS_COMPLETE;
  }

  /** Whether a request of the Gateway lane awaits the end of its response. */
  boolean isGateway() {
    return this == GATEWAY_INCOMPLETE || this == GATEWAY_COMPLETE;
  }

  /** Whether the stream belongs to a tunnel. */
  boolean isTunnel() {
    return this == TUNNEL_UNREAD || this == TUNNEL;
  }

  /** Whether the client must send more of a request that awaits the end of its response. */
  boolean isIncomplete() {
    return this == EXPRESS_INCOMPLETE || this == GATEWAY_INCOMPLETE;
  }

  private boolean isComplete() {
    return this == EXPRESS_COMPLETE || this == GATEWAY_COMPLETE;
  }

  /**
   * Whether data waits until it is read, of a stream whose frames do not go to a channel.
   *
   * @param handshake whether the request is a handshake, behind which data belongs to the tunnel
   */
  boolean keepsData(boolean handshake) {
    return isExpress() || this == TUNNEL_UNREAD || (isGateway() && handshake);
  }

  /** Whether it is the client's turn to read what waits, or to send. */
  boolean awaitsClient() {
    return this != WAITING && !isTunnel();
  }
}
