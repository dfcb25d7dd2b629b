package dev.understudy.pool;

import java.util.OptionalInt;

/** What one probe does. */
public sealed interface Check permits HttpCheck, TcpCheck {
  /** The port to probe; empty: the server's own. */
  OptionalInt port();
}
