package dev.understudy.bench.soak;

import java.time.Duration;

/** A way in which clients behave: what one does, how many do it, and the pause between visits. */
enum Habit {
  GET_1_KB(3, 25, Habits::getSmall),
  GET_64_KB(2, 40, Habits::getLarge),
  HEAD(1, 50, Habits::head),
  POST(2, 50, Habits::post),
  CHUNKED(1, 50, Habits::chunked),
  NEW_CONNECTION(1, 30, Habits::newConnection),
  SLOW_READER(2, 50, Habits::slowReader),
  SLOW_SENDER(2, 50, Habits::slowSender),
  ABORTED_RESPONSE(1, 100, Habits::abortResponse),
  ABORTED_REQUEST(1, 100, Habits::abortRequest),
  WEBSOCKET(8, 100, Habits::webSocket),
  TLS(1, 50, Habits::tls);

  private final int clients;
  private final Duration pause;
  private final Act act;

  Habit(int clients, int pauseMillis, Act act) {
    this.clients = clients;
    this.pause = Duration.ofMillis(pauseMillis);
    this.act = act;
  }

  /** One visit; returns when it ended as the client wanted it. */
  @FunctionalInterface
  interface Act {
    void visit(Guest guest) throws Exception;
  }

  int clients() {
    return clients;
  }

  Duration pause() {
    return pause;
  }

  Act act() {
    return act;
  }

  /** Whether its requests must not be executed twice. */
  boolean sendsOrders() {
    return this == POST || this == CHUNKED || this == SLOW_SENDER;
  }
}
