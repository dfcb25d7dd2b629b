package dev.understudy.proxy.frontend.http1;

/**
 * The state of one HTTP/1 connection, whose requests have their turns one after another, in the
 * order of arrival (RFC 9112 §9.3.2), in either lane. Pure: {@link Http1Frontend} carries it out.
 *
 * <table>
 *   <caption>State, event, next state; any other event leaves the state as it is</caption>
 *   <tr><td>WAITING for a request's head</td><td>HEAD</td><td>INCOMPLETE</td></tr>
 *   <tr><td>INCOMPLETE: a lane forwards the request, or it gets a local response; more of it
 *       comes</td><td>REQUEST_END</td><td>COMPLETE</td></tr>
 *   <tr><td></td><td>RESPONSE_END: the response is written, and is not the last</td>
 *       <td>REMAINING_BODY</td></tr>
 *   <tr><td></td><td>UPGRADE: a 101 is written</td><td>GIVEN_AWAY</td></tr>
 *   <tr><td>COMPLETE: the whole request is here</td><td>RESPONSE_END</td><td>WAITING</td></tr>
 *   <tr><td></td><td>UPGRADE</td><td>GIVEN_AWAY</td></tr>
 *   <tr><td>REMAINING_BODY: response written, the remaining body is dropped</td>
 *       <td>REQUEST_END</td><td>WAITING</td></tr>
 *   <tr><td>LINGERING: all input is dropped (RFC 9112 §9.6)</td><td></td><td></td></tr>
 *   <tr><td>GIVEN_AWAY: the channel belongs to a tunnel</td><td></td><td></td></tr>
 *   <tr><td>any</td><td>OUTPUT_END: the last response is written, broken off or impossible</td>
 *       <td>LINGERING</td></tr>
 * </table>
 */
enum Http1State {
  WAITING,
  INCOMPLETE,
  COMPLETE,
  REMAINING_BODY,
  LINGERING,
  GIVEN_AWAY;

  /** What happens to the connection. */
  enum Event {
    HEAD,
    REQUEST_END,
    RESPONSE_END,
    UPGRADE,
    OUTPUT_END
  }

  /** What follows when the client's input ends. */
  enum AtInputEnd {
    /** The response to a whole request is still due. */
    GO_ON,
    /** Nothing can be completed. */
    CLOSE,
    /** The connection is closed once all that was written is sent. */
    FINISH
  }

  /** Returns the state after the event. */
  Http1State after(Event event) {
    return switch (event) {
      case HEAD -> this == WAITING ? INCOMPLETE : this;
      case REQUEST_END ->
          switch (this) {
            case INCOMPLETE -> COMPLETE;
            case REMAINING_BODY -> WAITING;
            default -> this;
          };
      case RESPONSE_END -> isExchange() ? isComplete() ? WAITING : REMAINING_BODY : this;
      case UPGRADE -> isExchange() ? GIVEN_AWAY : this;
      case OUTPUT_END -> LINGERING;
    };
  }

  /** Whether a request awaits the end of its response. */
  boolean isExchange() {
    return this == INCOMPLETE || this == COMPLETE;
  }

  /** Whether a request that awaits the end of its response is here as a whole. */
  boolean isComplete() {
    return this == COMPLETE;
  }

  /**
   * Whether the frontend reads on by itself after a read; tunnels ask for theirs.
   *
   * @param wanted whether the lane has asked for more of the request
   * @param ahead whether input behind the present request may be read
   */
  boolean readsOn(boolean wanted, boolean ahead) {
    return switch (this) {
      case WAITING, COMPLETE -> ahead;
      case INCOMPLETE -> wanted;
      case REMAINING_BODY, LINGERING -> true;
      case GIVEN_AWAY -> false;
    };
  }

  /**
   * What follows when the client's input ends: an incomplete request stays incomplete.
   *
   * @param later whether input waits for its turn
   */
  AtInputEnd atInputEnd(boolean later) {
    return switch (this) {
      case WAITING -> later ? AtInputEnd.GO_ON : AtInputEnd.FINISH;
      case COMPLETE -> AtInputEnd.GO_ON;
      case REMAINING_BODY, LINGERING -> AtInputEnd.FINISH;
      case INCOMPLETE, GIVEN_AWAY -> AtInputEnd.CLOSE;
    };
  }
}
