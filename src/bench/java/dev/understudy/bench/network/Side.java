package dev.understudy.bench.network;

/** Where the delay is. */
enum Side {
  /** Between clients and proxy. */
  CLIENT,
  /** Between proxy and servers. */
  SERVER
}
