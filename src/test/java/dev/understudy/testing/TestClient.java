package dev.understudy.testing;

import java.nio.charset.StandardCharsets;

/** A client's connection, in any protocol; it sees exactly what comes, and how it ends. */
public interface TestClient extends AutoCloseable {
  /** Sends a request without a body; fields are {@code Name: value}. */
  TestClient request(String method, String target, String... fields);

  /** Sends a request with a body of known length. */
  TestClient request(String method, String target, byte[] body, String... fields);

  /**
   * Sends the head of a request; its body follows by {@link #body}.
   *
   * @param length of the body, as announced
   */
  TestClient begin(String method, String target, long length, String... fields);

  /**
   * Sends a piece of the body; returns when it has been taken, which may not be before the other
   * side reads.
   */
  TestClient body(byte[] piece);

  /** Sends a piece of the body. */
  default TestClient body(String piece) {
    return body(piece.getBytes(StandardCharsets.UTF_8));
  }

  /** Ends the body, with trailers. */
  TestClient end(String... trailers);

  /** Sends a GET and reads its response. */
  default Response get(String target, String... fields) {
    return request("GET", target, fields).response();
  }

  default Response response() {
    return response("GET");
  }

  /** Reads the response to the oldest request without one; 1xx are responses of their own. */
  Response response(String method);

  /** Returns when a head and so much of a body is here, which the next response has too. */
  void awaitBody(int bytes);

  /** Reads a head and so much of a body, and drops it. */
  void skip(long bytes);

  /** Goes away without a word: the connection is closed, or the stream reset. */
  void abort();

  @Override
  void close();
}
