package dev.understudy.pool;

import java.util.OptionalInt;

/** Settings of one probe. */
public sealed interface Check permits HttpCheck, TcpCheck {
  /** The port to probe; empty for the server's own. */
  OptionalInt port();
}
