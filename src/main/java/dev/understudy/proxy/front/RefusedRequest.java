package dev.understudy.proxy.front;

import java.io.IOException;

/**
 * The end of a request in the Gateway lane that broke a rule after its head had passed: told to the
 * handlers behind the front as an event, and to whoever reads its body as an error.
 */
public final class RefusedRequest extends IOException {
  private static final long serialVersionUID = 1;

  private final int status;

  /**
   * Creates one.
   *
   * @param status of the response to it
   */
  public RefusedRequest(int status) {
    super("the request was refused");
    this.status = status;
  }

  /** Of the response to it. */
  public int status() {
    return status;
  }

  /** For each request of a client that sends rubbish; its place is known. */
  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
