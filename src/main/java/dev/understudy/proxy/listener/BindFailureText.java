package dev.understudy.proxy.listener;

import dev.understudy.pool.Listener;
import java.net.BindException;
import org.jspecify.annotations.Nullable;

/** Says why a listener of the dynamic file cannot be opened. */
public final class BindFailureText {
  private static final String IN_USE = "which is in use";

  private BindFailureText() {}

  /** The problem as one sentence, with the listener's setting. */
  public static String problem(Listener listener, Throwable failure) {
    if (failure instanceof IllegalArgumentException tls) {
      return "listeners." + listener.id() + ".tls: " + tls.getMessage();
    }
    String why = why(failure);
    String setting = "listeners." + listener.id() + ".port: expected a free port, found ";
    String port = listener.address() == null ? "" : listener.address() + " port ";
    return setting + port + listener.port() + (why.isEmpty() ? "" : ", " + why);
  }

  /** Whether another process has the port. */
  static boolean isInUse(Throwable failure) {
    return why(failure).equals(IN_USE);
  }

  /** The reason, as it follows the port. */
  static String why(@Nullable Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      String text = String.valueOf(each.getMessage());
      if (text.contains("Address already in use")) {
        return IN_USE;
      }
      if (text.contains("Permission denied")) {
        return "which this process may not open";
      }
      if (text.contains("Cannot assign requested address")) {
        return "an address that this machine does not have";
      }
      if (each instanceof BindException) {
        return text;
      }
    }
    return String.valueOf(failure == null ? null : failure.getMessage());
  }
}
