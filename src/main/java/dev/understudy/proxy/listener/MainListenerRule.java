package dev.understudy.proxy.listener;

/** Whether the port of {@code server.port} is opened where that is not set. */
@FunctionalInterface
public interface MainListenerRule {
  /** Whether the dynamic file leaves routes to the main listener. Called once, at the start. */
  boolean isNeeded();
}
