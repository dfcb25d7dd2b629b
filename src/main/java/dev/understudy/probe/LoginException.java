package dev.understudy.probe;

/** Why a probe does not log in, in words for people, without the password. */
final class LoginException extends Exception {
  private static final long serialVersionUID = 1;

  LoginException(String message) {
    super(message);
  }
}
