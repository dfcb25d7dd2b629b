package dev.understudy.proxy.frontend.http1;

/**
 * The state of {@link RequestDecoder}: what the next byte belongs to. Pure.
 *
 * <table>
 *   <caption>State, event, next state; any other event leaves the state as it is</caption>
 *   <tr><td>START: a message may begin</td><td>PART: Netty has read, and has no message yet</td>
 *       <td>HEAD</td></tr>
 *   <tr><td></td><td>PLAIN_BODY_BEGINS: a plain head is read, and a body follows</td>
 *       <td>PLAIN_BODY</td></tr>
 *   <tr><td></td><td>HOLD: bytes came, and {@link RequestGate} is shut</td><td>HELD</td></tr>
 *   <tr><td>START, HEAD: Netty is in the middle of a head</td>
 *       <td>BODY_BEGINS: Netty has the head</td><td>BODY</td></tr>
 *   <tr><td></td><td>CHUNKS_BEGIN: Netty has the head, of a chunked message</td>
 *       <td>CHUNKS</td></tr>
 *   <tr><td>BODY: Netty reads a body with a length, or none</td><td>END: the last content</td>
 *       <td>START</td></tr>
 *   <tr><td>CHUNKS: Netty reads chunked content</td><td>END</td><td>START</td></tr>
 *   <tr><td>PLAIN_BODY: bytes are passed on without Netty</td><td>END</td><td>START</td></tr>
 *   <tr><td>HELD: bytes are held back where a message would begin</td>
 *       <td>RESUME: all requests have their responses</td><td>START</td></tr>
 *   <tr><td>BROKEN: all bytes become failed content, since the start of another message would be
 *       uncertain (RFC 9112 §11.2)</td><td></td><td></td></tr>
 *   <tr><td>any</td><td>FAILURE: a head or content breaks a rule, or no request is accepted any
 *       more</td><td>BROKEN</td></tr>
 * </table>
 */
enum RequestDecoderState {
  START,
  HEAD,
  BODY,
  CHUNKS,
  PLAIN_BODY,
  HELD,
  BROKEN;

  /** What happens to the decoder. */
  enum Event {
    PART,
    PLAIN_BODY_BEGINS,
    BODY_BEGINS,
    CHUNKS_BEGIN,
    END,
    HOLD,
    RESUME,
    FAILURE
  }

  /** Returns the state after the event. */
  RequestDecoderState after(Event event) {
    return switch (event) {
      case PART -> this == START ? HEAD : this;
      case PLAIN_BODY_BEGINS -> this == START ? PLAIN_BODY : this;
      case BODY_BEGINS -> this == START || this == HEAD ? BODY : this;
      case CHUNKS_BEGIN -> this == START || this == HEAD ? CHUNKS : this;
      case END -> this == BODY || this == CHUNKS || this == PLAIN_BODY ? START : this;
      case HOLD -> this == START ? HELD : this;
      case RESUME -> this == HELD ? START : this;
      case FAILURE -> BROKEN;
    };
  }

  /** Whether Netty's decoder is in the middle of a message. */
  boolean isNettys() {
    return this == HEAD || this == BODY || this == CHUNKS;
  }
}
