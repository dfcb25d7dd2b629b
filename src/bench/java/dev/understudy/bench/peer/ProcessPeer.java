package dev.understudy.bench.peer;

/** A proxy that is one of our child processes. */
public record ProcessPeer(String name, int port, Child process) implements Peer {
  @Override
  public long pid() {
    return process.pid();
  }

  @Override
  public void close() {
    process.close();
  }
}
