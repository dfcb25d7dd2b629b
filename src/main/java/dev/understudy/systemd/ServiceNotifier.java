package dev.understudy.systemd;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the service manager informed, on one thread of its own.
 *
 * <table>
 *   <caption>Notifications, see sd_notify(3)</caption>
 *   <tr><td>{@code READY=1}</td><td>once, as soon as the readiness probe would succeed</td></tr>
 *   <tr><td>{@code STATUS=…}</td><td>one line for people; every 5 s if it has changed</td></tr>
 *   <tr><td>{@code WATCHDOG=1}</td>
 *       <td>twice within {@code WATCHDOG_USEC}, as long as every event loop responds</td></tr>
 *   <tr><td>{@code MAINPID=…}</td>
 *       <td>once, as the last one, when another process has taken over</td></tr>
 *   <tr><td>{@code STOPPING=1}</td><td>once, when the stop begins</td></tr>
 * </table>
 *
 * <p>A service manager that cannot be reached is reported once; the proxy runs on without it.
 */
public final class ServiceNotifier implements AutoCloseable {
  /** The variable that tells whether the process runs under such a service manager. */
  public static final String VARIABLE = "NOTIFY_SOCKET";

  private static final Logger log = LoggerFactory.getLogger(ServiceNotifier.class);

  private final Map<String, String> environment;
  private final BooleanSupplier leads;
  private final BooleanSupplier ready;
  private final Supplier<String> status;
  private final Iterable<? extends Executor> loops;
  private volatile @Nullable Notifications notifications;

  /**
   * Creates a notifier that is silent until {@link #start}.
   *
   * @param environment the process's, for {@code NOTIFY_SOCKET} and the watchdog's variables
   * @param leads whether the process is the service's main one, the only one that is listened to;
   *     must return at once
   * @param ready whether the replica is ready; must return at once
   * @param status one line for people; must return at once
   * @param loops the event loops that the watchdog watches
   */
  public ServiceNotifier(
      Map<String, String> environment,
      BooleanSupplier leads,
      BooleanSupplier ready,
      Supplier<String> status,
      Iterable<? extends Executor> loops) {
    this.environment = Map.copyOf(environment);
    this.leads = leads;
    this.ready = ready;
    this.status = status;
    this.loops = loops;
  }

  /** Connects, and begins to notify. Call once. */
  public void start() {
    try {
      NotifySocket socket = NotifySocket.connect(environment.getOrDefault(VARIABLE, ""));
      Notifications started =
          new Notifications(socket, leads, ready, status, new ThreadLiveness(loops));
      notifications = started;
      started.begin(Watchdog.interval(environment, ProcessHandle.current().pid()));
    } catch (IOException e) {
      log.warn("The service manager cannot be notified: {}", e.getMessage());
    }
  }

  /**
   * Tells that another process is the service's from now on, and nothing more.
   *
   * @param pid that process
   */
  public void replaced(long pid) {
    Notifications running = notifications;
    if (running != null) {
      running.replaced(pid);
    }
  }

  /** Tells that the stop has begun. */
  public void stopping() {
    Notifications running = notifications;
    if (running != null) {
      running.stop();
    }
  }

  /** Ends the notifications after those that are under way. */
  @Override
  public void close() {
    Notifications running = notifications;
    if (running != null) {
      running.close();
    }
  }
}
