package dev.understudy.command;

import org.springframework.core.env.Environment;

/** What commands start: the proxy, which the root wires. */
public interface Proxy {
  /** The exit status that stands for "still running". */
  int RUNNING = -1;

  /**
   * Starts it and returns its exit status: {@link #RUNNING}, or 0 if it only had to be started.
   *
   * @param settings static settings, {@code --PROPERTY=VALUE}
   * @throws StartFailedException if it could not start
   */
  int serve(String[] settings);

  /**
   * Starts it and returns when it listens.
   *
   * @param settings static settings, {@code --PROPERTY=VALUE}
   * @throws StartFailedException if it could not start
   */
  Environment start(String[] settings);
}
