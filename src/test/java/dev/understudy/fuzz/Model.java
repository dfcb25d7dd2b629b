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
 */
record Model(List<Request> requests, End end) {

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
   */
  record Request(Head head, byte[] content, Body body) {
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
  }

  static Model of(byte[] bytes) {
    List<Request> requests = new ArrayList<>();
    StrictReader reader = new StrictReader(new ByteArrayInputStream(bytes));
    try {
      while (true) {
        Head head = reader.request(true);
        if (head == null) {
          return new Model(requests, End.CLEAN);
        }
        Request request = request(head, reader);
        requests.add(request);
        if (request.body() != Body.WHOLE) {
          return new Model(
              requests, request.body() == Body.BROKEN ? End.BROKEN : End.INCOMPLETE);
        }
        if (!head.keepsConnection()) {
          return new Model(requests, End.CLOSED);
        }
      }
    } catch (EOFException e) {
      return new Model(requests, End.INCOMPLETE);
    } catch (Violation e) {
      return new Model(requests, End.BROKEN);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Request request(Head head, StrictReader reader) throws IOException {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    Body body = Body.WHOLE;
    try {
      reader.body(StrictReader.length(head), content);
    } catch (EOFException e) {
      body = Body.INCOMPLETE;
    } catch (Violation e) {
      body = Body.BROKEN;
    }
    return new Request(head, content.toByteArray(), body);
  }

  /** How many of them have come whole. */
  int whole() {
    return (int) requests.stream().filter(Request::isWhole).count();
  }
}
