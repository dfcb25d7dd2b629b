package dev.understudy.bench.network;

/**
 * A way through a proxy to servers.
 *
 * @param plainPort of HTTP
 * @param securePort of HTTP over TLS
 * @param tcpPort of relayed connections
 * @param distance of the servers, the end of the names of their pools
 */
record Way(int plainPort, int securePort, int tcpPort, String distance) {
  /** A path to HTTP/1.1 servers. */
  String http1(String last) {
    return "/http1-" + distance + "/" + last;
  }

  /** A path to HTTP/2 servers. */
  String http2(String last) {
    return "/http2-" + distance + "/" + last;
  }
}
