package dev.understudy.bench.soak;

import dev.understudy.bench.soak.Visit.Ending;
import dev.understudy.scenario.HttpConnection;
import dev.understudy.scenario.HttpConnection.Answer;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** One client with one habit; keeps its connection from visit to visit as browsers do. */
final class Guest implements AutoCloseable {
  private static final int OK = 200;
  private static final int BAD_GATEWAY = 502;

  private final Habit habit;
  private final Frontends frontends;
  private final Orders orders;
  private @Nullable HttpConnection connection;

  /** Set by visits that read the response themselves. */
  private boolean responding;

  Guest(Habit habit, Frontends frontends, Orders orders) {
    this.habit = habit;
    this.frontends = frontends;
    this.orders = orders;
  }

  Habit habit() {
    return habit;
  }

  Frontends frontends() {
    return frontends;
  }

  Orders orders() {
    return orders;
  }

  /** A part of the response has arrived. */
  void responding() {
    responding = true;
  }

  /** The kept connection, or a new one. */
  HttpConnection connection() throws IOException {
    if (connection == null) {
      connection = frontends.plain();
    }
    return connection;
  }

  /** Keeps this one instead. */
  HttpConnection use(HttpConnection other) throws IOException {
    close();
    connection = other;
    return other;
  }

  /** One visit. */
  Visit visit() throws InterruptedException {
    long start = System.nanoTime();
    responding = false;
    try {
      habit.act().visit(this);
      if (connection != null && !connection.reusable()) {
        close();
      }
      return ended(start, Ending.SERVED, "");
    } catch (WrongResponseException e) {
      close();
      boolean refused = e.status() == BAD_GATEWAY;
      return ended(start, refused ? Ending.REFUSED : Ending.WRONG, e.getMessage());
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      boolean begun = responding || (connection != null && connection.answering());
      close();
      return ended(start, begun ? Ending.BROKEN_OFF : Ending.WRONG, e.toString());
    }
  }

  private Visit ended(long start, Ending ending, String detail) {
    return new Visit(habit, start, System.nanoTime(), ending, detail);
  }

  /** Fails unless it is 200 with so many bytes; -1: any number. */
  static void require(Answer response, int bytes) throws WrongResponseException {
    if (response.status() != OK || (bytes >= 0 && response.body().length() != bytes)) {
      throw new WrongResponseException(response);
    }
  }

  @Override
  public void close() {
    if (connection == null) {
      return;
    }
    try {
      connection.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      connection = null;
    }
  }
}
