package dev.understudy.api;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;

/**
 * Says whether a server is well, in a way of its own. A pool names it by its class, without {@code
 * HealthCheck} at the end: {@code health: { type: extension, name: Orders }} for {@code
 * OrdersHealthCheck}.
 *
 * <p>What it can rely on:
 *
 * <ul>
 *   <li>There is one instance of each class, made at the start by its public constructor without
 *       arguments.
 *   <li>It is called once for each probe, on a thread that does nothing else meanwhile, so that it
 *       may block. Calls for different servers may run at the same time.
 *   <li>The thread is interrupted when the time is over. The probe has failed by then, and what the
 *       call returns is ignored. Until it has returned, further probes of that address by the same
 *       check fail without a call.
 *   <li>What it throws makes this probe bad, and no other. A {@link java.net.ConnectException}
 *       counts as a refused connection, any other exception as no valid response. Its message is
 *       shown to operators, so it must hold no secret.
 * </ul>
 */
@FunctionalInterface
public interface HealthCheck {
  /**
   * Checks a server once.
   *
   * @throws Exception if the server could not be asked
   */
  Result check(Target target) throws Exception;

  /**
   * What is checked.
   *
   * @param address IP address and port of the server's probes, resolved
   * @param host the host of the server's URL, for a {@code Host} field or a certificate
   * @param tls whether the server expects TLS there
   * @param arguments {@code health.arguments} of the pool
   * @param timeout the time from the start of the call until the probe fails
   */
  record Target(
      InetSocketAddress address,
      String host,
      boolean tls,
      Map<String, String> arguments,
      Duration timeout) {
    public Target {
      arguments = Map.copyOf(arguments);
    }

    /** Without the arguments' values, which may be secrets. */
    @Override
    public String toString() {
      return "Target[address=%s, host=%s, tls=%s, arguments=%s, timeout=%s]"
          .formatted(address, host, tls, arguments.keySet(), timeout);
    }
  }

  /**
   * What was found.
   *
   * @param detail for operators, such as {@code "lag 3 s"}: one line, cut to 200 characters,
   *     without secrets
   */
  record Result(boolean good, String detail) {
    /** The server is well. */
    public static Result good(String detail) {
      return new Result(true, detail);
    }

    /** The server has responded, and is not well. */
    public static Result bad(String detail) {
      return new Result(false, detail);
    }
  }
}
