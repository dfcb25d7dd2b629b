package dev.understudy.proxy.gateway;

/** The end of a request by an extension that failed, which has been told already. */
final class ExtensionFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Of the response. */
  final int status;

  ExtensionFailure(int status, String message) {
    super(message, null, false, false);
    this.status = status;
  }
}
