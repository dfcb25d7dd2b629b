package dev.understudy.pool;

/**
 * Sessions kept on a server by a cookie.
 *
 * @param cookie the cookie's name, a token (RFC 6265 §4.1.1)
 */
public record StickySettings(String cookie, AfterFailback afterFailback) {
  /** Treatment of sessions on a server that is no longer serving. */
  public enum AfterFailback {
    /** They stay until {@code on-switch.drain} has passed; the default. */
    DRAIN,
    /** They stay while that server is usable. */
    KEEP
  }

  public static final String DEFAULT_COOKIE = "UNDERSTUDY";
}
