package dev.understudy.bench.load;

/** Who sends one request at a time, and tells its {@link Course} of the response. */
interface Requester {
  /** Gets ready to send. */
  void open();

  void close();

  /** Sends the request that was due then. */
  void send(long dueNanos);
}
