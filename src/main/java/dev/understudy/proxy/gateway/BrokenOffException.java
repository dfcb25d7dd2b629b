package dev.understudy.proxy.gateway;

import java.io.IOException;

/**
 * Signals that a server broke off its response. Has no stack trace, because every such response
 * creates one.
 */
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
