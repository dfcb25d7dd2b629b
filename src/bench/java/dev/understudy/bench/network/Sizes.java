package dev.understudy.bench.network;

/** How much is sent. */
final class Sizes {
  /** Of a small body and of a message, in bytes. */
  static final int SMALL = 1024;

  /** Of a large body, and of a bulk of bytes, in bytes. */
  static final int LARGE = 10_000_000;

  /** Of what is written at a time, in bytes. */
  static final int PIECE = 64 * 1024;

  private Sizes() {}
}
