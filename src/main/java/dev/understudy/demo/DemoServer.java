package dev.understudy.demo;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/**
 * One server of the demo, which can fail on request. Safe for any thread except its own event loop.
 *
 * <pre>
 *           kill()    freeze()   restore()
 *  RUNNING  KILLED    FROZEN     –
 *  FROZEN   KILLED    –          RUNNING, with what it received meanwhile
 *  KILLED   –         refused    RUNNING, as a new run on the same port
 * </pre>
 */
public final class DemoServer implements AutoCloseable {
  /** The state of a server. */
  public enum State {
    RUNNING,
    /** Accepts connections and never responds: its event loop is blocked. */
    FROZEN,
    /** Refuses connections. */
    KILLED;

    @JsonValue
    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A snapshot of the server.
   *
   * @param id the id of the present or last run, which imitates a process id
   * @param requests the number of requests that the run served, without probes
   */
  public record Status(String name, State state, int id, long requests) {}

  private final String name;
  private final Orders orders;
  private final DemoListener listener;
  private DemoApplication application;
  private State state = State.RUNNING;

  /**
   * Starts the server on a free port.
   *
   * @param name the name, which is also its rank
   */
  DemoServer(String name, Orders orders) {
    this.name = name;
    this.orders = orders;
    this.listener = new DemoListener(name);
    this.application = new DemoApplication(name, orders);
    listener.open(application::handlers);
  }

  public String name() {
    return name;
  }

  /** The port on 127.0.0.1, which {@link #kill} and {@link #restore} do not change. */
  public int port() {
    return listener.port();
  }

  public synchronized Status status() {
    return new Status(name, state, application.id(), application.requests());
  }

  /** Closes the port and resets all connections, in any state. */
  public synchronized void kill() {
    listener.shut();
    state = State.KILLED;
  }

  /**
   * Blocks the server.
   *
   * @throws IllegalStateException if it was killed
   */
  public synchronized void freeze() {
    if (state == State.KILLED) {
      throw new IllegalStateException(name + " was killed; restore it first");
    }
    listener.freeze();
    state = State.FROZEN;
  }

  /**
   * Resumes or restarts the server.
   *
   * @throws IllegalStateException if its port has been taken meanwhile
   */
  public synchronized void restore() {
    if (state == State.FROZEN) {
      listener.thaw();
    } else if (state == State.KILLED) {
      DemoApplication next = new DemoApplication(name, orders);
      listener.open(next::handlers);
      application = next;
    }
    state = State.RUNNING;
  }

  @Override
  public synchronized void close() {
    listener.close();
    state = State.KILLED;
  }
}
