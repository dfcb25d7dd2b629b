package dev.understudy.fuzz;

import dev.understudy.FuzzedProxy;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A script on a connection of its own: the caller's thread writes, another one reads. */
abstract class Play {
  private static final Set<String> REPLAYED =
      Set.of("GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE");
  private static final long LOOK_NANOS = 50_000;

  /** So often nothing must go on before nothing more is taken to come. */
  private static final int LOOKS_FOR_QUIET = 30;

  final FuzzedProxy proxy;
  final StrictServer server;
  private final long deadline;

  /** The client's. */
  final int port;

  /** Whether the connection had ended when the client had all it waited for. */
  volatile boolean ended;

  /** What came and was not HTTP; null: nothing. */
  volatile String violation;

  /** What did not come in time; null: all came. */
  String hung;

  Play(FuzzedProxy proxy, StrictServer server, int port, long deadlineNanos) {
    this.proxy = proxy;
    this.server = server;
    this.port = port;
    this.deadline = deadlineNanos;
  }

  abstract void write() throws IOException;

  /** Returns at the end of the connection. */
  abstract void read() throws IOException;

  abstract void close();

  final void run() {
    Thread reader = Thread.ofVirtual().start(this::readAll);
    try {
      writeAll();
    } catch (HungException e) {
      hung = e.getMessage();
    }
    boolean over = ended;
    close();
    try {
      reader.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } finally {
      proxy.forget(port);
    }
    ended = over;
  }

  private void writeAll() {
    try {
      write();
    } catch (IOException e) {
      // The proxy has ended it: what it said before is still read.
      await("the end of a connection that cannot be written to", false, () -> ended);
    }
  }

  private void readAll() {
    try {
      read();
    } catch (Violation e) {
      violation = e.getMessage();
    } catch (IOException e) {
      // The end of the connection, by a reset or within a message.
    }
    ended = true;
  }

  /** Until that holds or, if that is enough, nothing goes on any more. */
  final void await(String what, boolean orQuiet, BooleanSupplier condition) {
    int quiet = 0;
    while (!condition.getAsBoolean() && quiet < LOOKS_FOR_QUIET) {
      if (System.nanoTime() - deadline > 0) {
        throw new HungException("never came: " + what);
      }
      LockSupport.parkNanos(LOOK_NANOS);
      quiet = orQuiet && isQuiet() ? quiet + 1 : 0;
    }
  }

  private boolean isQuiet() {
    proxy.passLoops();
    return proxy.running() == 0 && server.isQuiet();
  }

  /** How often a server may get a request of that method. */
  static int mostSends(String method) {
    return REPLAYED.contains(method) ? 2 : 1;
  }

  private static final class HungException extends RuntimeException {
    private static final long serialVersionUID = 1;

    HungException(String what) {
      super(what);
    }
  }
}
