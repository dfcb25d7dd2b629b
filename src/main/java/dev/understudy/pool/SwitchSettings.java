package dev.understudy.pool;

import java.time.Duration;

/**
 * What a change of the serving server does to what runs on the old one.
 *
 * @param drain over which sessions and tunnels leave it; default 30 s
 */
public record SwitchSettings(WebSockets websockets, Duration drain) {
  /** What happens to tunnels. */
  public enum WebSockets {
    /** They are told with a close frame, 1012: the default. */
    CLOSE,
    /** They stay, on failback and operator switches; a failed server's are told all the same. */
    KEEP
  }

  public static final SwitchSettings DEFAULT =
      new SwitchSettings(WebSockets.CLOSE, Duration.ofSeconds(30));

  public SwitchSettings {
    Settings.requireNotNegative(drain, "drain");
  }
}
