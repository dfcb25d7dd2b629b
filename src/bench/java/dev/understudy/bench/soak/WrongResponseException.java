package dev.understudy.bench.soak;

import dev.understudy.scenario.HttpConnection.Answer;
import java.io.IOException;

/** The response differs from the expected one. */
final class WrongResponseException extends IOException {
  private final int status;

  WrongResponseException(Answer response) {
    super("status " + response.status() + ", " + response.body().length() + " bytes");
    this.status = response.status();
  }

  WrongResponseException(String what) {
    super(what);
    this.status = 0;
  }

  int status() {
    return status;
  }
}
