package dev.understudy.demo;

/**
 * One server of the demo, which can fail on request. Safe for any thread but its own event loop.
 *
 * <pre>
 *           kill()    freeze()   restore()
 *  RUNNING  KILLED    FROZEN     –
 *  FROZEN   KILLED    –          RUNNING, with what it received meanwhile
 *  KILLED   –         refused    RUNNING, as a new run on the same port
 * </pre>
 */
public final class DemoServer implements AutoCloseable {
  /** What the server does. */
  public enum State {
    RUNNING,
    /** Accepts connections and never answers: its event loop is blocked. */
    FROZEN,
    /** Refuses connections. */
    KILLED
  }

  /**
   * The server at one moment.
   *
   * @param id of the present or last run, as a process id
   * @param requests that run served, probes not counted
   */
  public record Status(String name, State state, int id, long requests) {}

  private final String name;
  private final Orders orders;
  private final Listener listener;
  private DemoApplication application;
  private State state = State.RUNNING;

  /**
   * Starts it.
   *
   * @param name its rank, too
   * @param port 0: any
   */
  DemoServer(String name, int port, Orders orders) {
    this.name = name;
    this.orders = orders;
    this.listener = new Listener(name, port);
    this.application = new DemoApplication(name, orders);
    try {
      listener.open(application::handlers);
    } catch (IllegalStateException e) {
      listener.close();
      throw e;
    }
  }

  public String name() {
    return name;
  }

  /** On 127.0.0.1; stays the same over {@link #kill} and {@link #restore}. */
  public int port() {
    return listener.port();
  }

  public synchronized Status status() {
    return new Status(name, state, application.id(), application.requests());
  }

  /** Closes its port and resets all connections, whatever it was doing. */
  public synchronized void kill() {
    listener.shut();
    state = State.KILLED;
  }

  /**
   * Lets it hang.
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
   * Makes it serve again.
   *
   * @throws IllegalStateException if its port is taken meanwhile
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
