package dev.understudy.bench.peer;

/** A running proxy. */
public interface Peer extends AutoCloseable {
  /** The name in the tables. */
  String name();

  /** Where clients connect, on 127.0.0.1; speaks TLS if the {@link Site} has a certificate. */
  int port();

  long pid();

  /** User and system time of the process and its children so far; steps of 10 ms. */
  default long cpuNanos() {
    return ProcFs.cpuNanos(pid());
  }

  /** Resident memory of the process and its children; pages that they share count once. */
  default long rssBytes() {
    return ProcFs.rssBytes(pid());
  }

  @Override
  void close();
}
