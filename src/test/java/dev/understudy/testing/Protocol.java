package dev.understudy.testing;

import java.util.List;

/** What clients speak to a lane. */
public enum Protocol {
  HTTP_1_1,
  TLS,

  /** Without TLS, by prior knowledge. */
  HTTP_2_CLEAR,
  HTTP_2;

  /** Those of the ports of static settings, whose plain one has HTTP/1.1 alone. */
  public static final List<Protocol> STATIC = List.of(HTTP_1_1, TLS, HTTP_2);

  public boolean isSecure() {
    return this == TLS || this == HTTP_2;
  }

  public boolean isHttp2() {
    return this == HTTP_2 || this == HTTP_2_CLEAR;
  }

  /** A connection to that port of this machine. */
  public TestClient connect(int port) {
    return isHttp2() ? new Http2Client(port, isSecure()) : new RawClient(port, isSecure());
  }
}
