package dev.understudy.command;

import org.springframework.core.env.Environment;

/** Starts the proxy for commands; implemented in {@code application}. */
public interface ProxyStarter {
  /** The exit status that stands for "still running". */
  int RUNNING = -1;

  /**
   * Starts the proxy and returns its exit status: {@link #RUNNING}, or 0 if Spring Boot was asked
   * only to start and end.
   *
   * @param settings static settings, {@code --PROPERTY=VALUE}
   * @throws StartFailedException if the proxy could not start
   */
  int serve(String[] settings);

  /**
   * Starts the proxy and returns once it listens.
   *
   * @param settings static settings, {@code --PROPERTY=VALUE}
   * @throws StartFailedException if the proxy could not start
   */
  Environment start(String[] settings);
}
