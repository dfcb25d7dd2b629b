package dev.understudy.pool;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Sessions kept on a server.
 *
 * @param cookie the name of the cookie that shows the session, a token (RFC 6265 §4.1.1); without
 *     effect on {@link Type#CLIENT_ADDRESS}
 * @param secure whether an inserted cookie is {@code Secure}; null: for clients that use TLS
 * @param httpOnly whether an inserted cookie is hidden from scripts; default true
 * @param sameSite of an inserted cookie; default {@code lax}
 * @param domain the {@code Domain} of an inserted cookie; null: the host alone gets it
 * @param entries the most sessions that a table keeps, on this replica; default 100,000
 * @param expire after so much time without a request a table forgets a session; default 30 min
 */
public record StickySettings(
    String cookie,
    AfterFailback afterFailback,
    Type type,
    @Nullable Boolean secure,
    boolean httpOnly,
    SameSite sameSite,
    @Nullable String domain,
    int entries,
    Duration expire) {
  /** How a request shows its session. */
  public enum Type {
    /** By a cookie that the proxy inserts (HAProxy {@code cookie NAME insert indirect}). */
    COOKIE,
    /**
     * By the application's cookie, to whose value the proxy adds a prefix that servers do not see
     * (HAProxy {@code cookie NAME prefix}).
     */
    PREFIX,
    /**
     * By the application's cookie as it is, kept in a table (HAProxy {@code stick on
     * req.cook(NAME)} and {@code stick store-response res.cook(NAME)}).
     */
    APP_COOKIE,
    /** By the client's address, kept in a table (HAProxy {@code stick on src}). */
    CLIENT_ADDRESS
  }

  /** Treatment of sessions on a server that is no longer serving. */
  public enum AfterFailback {
    /** They stay until {@code on-switch.drain} has passed; the default. */
    DRAIN,
    /** They stay while that server is usable. */
    KEEP
  }

  /** When browsers send an inserted cookie from other sites' pages. */
  public enum SameSite {
    STRICT("Strict"),
    LAX("Lax"),
    /** Always; such a cookie is {@code Secure}, as browsers refuse it otherwise. */
    NONE("None");

    private final String attribute;

    SameSite(String attribute) {
      this.attribute = attribute;
    }

    /** The value of the cookie's attribute. */
    public String attribute() {
      return attribute;
    }
  }

  public static final String DEFAULT_COOKIE = "UNDERSTUDY";
  public static final int DEFAULT_ENTRIES = 100_000;
  public static final Duration DEFAULT_EXPIRE = Duration.ofMinutes(30);

  public StickySettings {
    if (entries < 1) {
      throw new IllegalArgumentException("expected at least one entry, found " + entries);
    }
    if (sameSite == SameSite.NONE && Boolean.FALSE.equals(secure)) {
      throw new IllegalArgumentException("SameSite=None needs Secure");
    }
  }

  /** Sessions shown by an inserted cookie. */
  public StickySettings(String cookie, AfterFailback afterFailback) {
    this(cookie, afterFailback, Type.COOKIE);
  }

  /** Sessions shown in some way, with defaults for all else. */
  public StickySettings(String cookie, AfterFailback afterFailback, Type type) {
    this(
        cookie,
        afterFailback,
        type,
        null,
        true,
        SameSite.LAX,
        null,
        DEFAULT_ENTRIES,
        DEFAULT_EXPIRE);
  }
}
