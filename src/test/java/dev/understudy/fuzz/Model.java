package dev.understudy.fuzz;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a strict server reads in a client's bytes: the requests that may be forwarded, in order, and
 * nothing after the first doubt.
 *
 * @param requests the last may be incomplete or broken
 * @param end why there are no more
 * @param why words for it
 */
record Model(List<Request> requests, End end, String why) {

  /** What follows the last request. */
  enum End {
    /** Nothing: another request may come. */
    CLEAN,
    /** Nothing: the last one was to end the connection. */
    CLOSED,
    /** A part of a message. */
    INCOMPLETE,
    /** What is no request, or no body. */
    BROKEN
  }

  private static final String SURPLUS = "more was sent after it";

  /**
   * Whether the client goes on after the request that it said is its last: it then may lose the
   * response, because who closes with bytes unread resets the connection.
   */
  boolean hasSurplus() {
    return end == End.CLOSED && why.equals(SURPLUS);
  }

  /** How much of its body there is. */
  enum Body {
    WHOLE,
    INCOMPLETE,
    BROKEN
  }

  /**
   * One request.
   *
   * @param content of its body, as far as there is one
   * @param why it is not whole
   */
  record Request(Head head, byte[] content, Body body, String why) {
    String method() {
      return head.start().get(0);
    }

    /** As a server is to get it. */
    String target() {
      return StrictReader.originForm(head);
    }

    boolean isWhole() {
      return body == Body.WHOLE;
    }

    /** Whether it asks for a WebSocket as servers take it up (RFC 6455 §4.1). */
    boolean isHandshake() {
      return method().equals("GET")
          && head.list("upgrade").contains("websocket")
          && head.list("connection").contains("upgrade");
    }

    /** Whether it may pass the guard (RFC 6455 §4.2.1). */
    boolean isWholeHandshake() {
      return isHandshake()
          && !head.all("sec-websocket-key").isEmpty()
          && !head.all("sec-websocket-version").isEmpty();
    }
  }

  static Model of(byte[] sent) {
    List<Request> requests = new ArrayList<>();
    ByteArrayInputStream bytes = new ByteArrayInputStream(sent);
    StrictReader reader = new StrictReader(bytes);
    try {
      while (true) {
        Head head = reader.request(true);
        if (head == null) {
          return new Model(requests, End.CLEAN, "");
        }
        Request request = request(head, reader);
        requests.add(request);
        if (request.body() != Body.WHOLE) {
          End end = request.body() == Body.BROKEN ? End.BROKEN : End.INCOMPLETE;
          return new Model(requests, end, request.why());
        }
        if (!head.keepsConnection()) {
          boolean more = bytes.available() > 0;
          return new Model(requests, End.CLOSED, more ? SURPLUS : "");
        }
      }
    } catch (EOFException e) {
      return new Model(requests, End.INCOMPLETE, e.getMessage());
    } catch (Violation e) {
      return new Model(requests, End.BROKEN, e.getMessage());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Request request(Head head, StrictReader reader) throws IOException {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    Body body = Body.WHOLE;
    String why = "";
    try {
      reader.body(StrictReader.length(head), content);
    } catch (EOFException e) {
      body = Body.INCOMPLETE;
      why = e.getMessage();
    } catch (Violation e) {
      body = Body.BROKEN;
      why = e.getMessage();
    }
    return new Request(head, content.toByteArray(), body, why);
  }

  /** How many of them have come whole. */
  int whole() {
    return (int) requests.stream().filter(Request::isWhole).count();
  }
}
