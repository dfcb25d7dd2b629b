package dev.understudy.handover;

/** A process could not take over from the one before; the message says why. */
public final class HandoverException extends RuntimeException {
  private static final long serialVersionUID = 1;

  HandoverException(String message) {
    super(message);
  }
}
