package dev.understudy.proxy.engine;

import dev.understudy.health.Observation.Trouble;
import org.jspecify.annotations.Nullable;

/** A failure between this proxy and a server, as far as the next step depends on it. */
enum UpstreamFailure {
  /** No connection could be made: refused, unreachable, or its TLS negotiation failed. */
  CONNECT_FAILED(Trouble.CONNECT_FAILED),
  /**
   * There was no local port or address for a connection: the monitor decides whose failure it is.
   */
  NO_PORT(Trouble.NO_PORT),
  /** This machine has no means to make a connection: the server has no part in it. */
  LOCAL_FAILURE(null),
  /** No connection was made in {@code timeouts.connect}. */
  CONNECT_TIMED_OUT(Trouble.CONNECT_TIMED_OUT),
  /**
   * A reused connection broke before any byte of the response, or took no more requests before this
   * one was sent.
   */
  STALE(null),
  /**
   * A connection broke before the response's head was complete; if it was a reused one, after a
   * part of it.
   */
  BROKEN(Trouble.BROKEN),
  /** The server did not process the request, as it reports, over HTTP/2 (RFC 9113 §8.7). */
  REFUSED(null),
  /** The server was judged DOWN by silence, or before anything was sent to it. */
  SERVER_DOWN(null),
  /**
   * No complete head of a response in {@code timeouts.response} after the request's end, or no
   * progress by the server in {@code timeouts.idle} before it.
   */
  RESPONSE_TIMED_OUT(null),
  /** The response is not HTTP, or not one that was asked for. */
  BAD_RESPONSE(null),
  /** The connection broke after the response's head had gone to the client. */
  RESPONSE_BROKEN(Trouble.BROKEN);

  private final @Nullable Trouble trouble;

  UpstreamFailure(@Nullable Trouble trouble) {
    this.trouble = trouble;
  }

  /** What the monitor is told of the server; null for nothing. */
  @Nullable Trouble trouble() {
    return trouble;
  }

  /** Whether no connection was made, so that the next attempt has to wait. */
  boolean isWithoutConnection() {
    return switch (this) {
      case CONNECT_FAILED, NO_PORT, LOCAL_FAILURE, CONNECT_TIMED_OUT -> true;
      default -> false;
    };
  }
}
