package dev.understudy.fuzz;

import java.io.IOException;

/** Bytes that are no HTTP/1.1 message to a strict reader. */
final class Violation extends IOException {
  private static final long serialVersionUID = 1;

  Violation(String what) {
    super(what);
  }
}
