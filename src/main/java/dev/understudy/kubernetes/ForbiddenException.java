package dev.understudy.kubernetes;

import dev.understudy.agreement.register.RegisterException;

/** A call that no Role of the service account allows (403). */
public final class ForbiddenException extends RegisterException {
  private static final long serialVersionUID = 1L;

  ForbiddenException(String message) {
    super(Reason.REFUSED, message);
  }
}
