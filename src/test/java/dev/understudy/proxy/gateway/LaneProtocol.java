package dev.understudy.proxy.gateway;

import dev.understudy.testing.Protocol;

/** A lane over a protocol. */
enum LaneProtocol {
  EXPRESS_HTTP_1_1(true, Protocol.HTTP_1_1),
  EXPRESS_TLS(true, Protocol.TLS),
  EXPRESS_HTTP_2_CLEAR(true, Protocol.HTTP_2_CLEAR),
  EXPRESS_HTTP_2(true, Protocol.HTTP_2),
  GATEWAY_HTTP_1_1(false, Protocol.HTTP_1_1),
  GATEWAY_TLS(false, Protocol.TLS),
  GATEWAY_HTTP_2_CLEAR(false, Protocol.HTTP_2_CLEAR),
  GATEWAY_HTTP_2(false, Protocol.HTTP_2);

  private final boolean express;
  private final Protocol protocol;

  LaneProtocol(boolean express, Protocol protocol) {
    this.express = express;
    this.protocol = protocol;
  }

  boolean express() {
    return express;
  }

  Protocol protocol() {
    return protocol;
  }

  boolean isHttp2() {
    return protocol.isHttp2();
  }
}
