package dev.understudy.testing;

/** What clients speak to a lane. */
public enum Protocol {
  HTTP_1_1,
  TLS,
  HTTP_2;

  public boolean isSecure() {
    return this != HTTP_1_1;
  }

  /** A connection to that port of this machine. */
  public TestClient connect(int port) {
    return this == HTTP_2 ? new Http2Client(port) : new RawClient(port, isSecure());
  }
}
