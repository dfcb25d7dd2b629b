package dev.understudy.bench.soak;

import dev.understudy.scenario.HttpConnection.Answer;
import java.io.IOException;

/** An answer came, and not the one that was due. */
final class WrongAnswerException extends IOException {
  private final int status;

  WrongAnswerException(Answer answer) {
    super("status " + answer.status() + ", " + answer.body().length() + " bytes");
    this.status = answer.status();
  }

  WrongAnswerException(String what) {
    super(what);
    this.status = 0;
  }

  int status() {
    return status;
  }
}
