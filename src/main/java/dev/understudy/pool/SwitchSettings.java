package dev.understudy.pool;

import java.time.Duration;

/**
 * What a change of the serving server does to what runs on the old one.
 *
 * @param drain over which sessions, tunnels and streams leave it, and the age at which any other
 *     response is taken for a stream; default 30 s
 */
public record SwitchSettings(WebSockets websockets, Streams streams, Duration drain) {
  /** What happens to tunnels. */
  public enum WebSockets {
    /** They are told with a close frame, 1012: the default. */
    CLOSE,
    /** They stay, on failback and operator switches; a failed server's are told all the same. */
    KEEP
  }

  /** What happens to event streams, and to responses older than {@code drain}. */
  public enum Streams {
    /** They are ended, so that their clients connect to the serving server: the default. */
    CLOSE,
    /** They stay, on failback and operator switches; a failed server's are ended all the same. */
    KEEP
  }

  public static final SwitchSettings DEFAULT =
      new SwitchSettings(WebSockets.CLOSE, Streams.CLOSE, Duration.ofSeconds(30));

  public SwitchSettings {
    Settings.requireNotNegative(drain, "drain");
  }
}
