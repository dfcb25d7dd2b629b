package dev.understudy.proxy.gateway;

import java.io.IOException;

/** A server broke its response off. Without a stack trace: each such response makes one. */
final class BrokenOffException extends IOException {
  private static final long serialVersionUID = 1;

  BrokenOffException() {
    super("the server broke its response off");
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
