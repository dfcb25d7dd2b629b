package dev.understudy.proxy.frontend;

import java.io.IOException;

/**
 * The end of a Gateway request that broke a rule after its head had passed. Reaches the reader of
 * its body as an error.
 */
public final class RequestRefusedException extends IOException {
  private static final long serialVersionUID = 1;

  private final int status;

  /**
   * Creates a refusal.
   *
   * @param status the status of the response
   */
  public RequestRefusedException(int status) {
    super("the request was refused");
    this.status = status;
  }

  /** The status of the response. */
  public int status() {
    return status;
  }

  /** Fills in no stack trace: a misbehaving client may cause many, and the origin is known. */
  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
