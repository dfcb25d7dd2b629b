package dev.understudy.pool;

import dev.understudy.pool.Setting.Default;
import dev.understudy.pool.Setting.Span;
import dev.understudy.pool.Setting.Text;
import dev.understudy.pool.Setting.Unset;
import dev.understudy.pool.Setting.Values;
import dev.understudy.pool.Setting.Whole;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Sessions kept on a server.
 *
 * @param cookie Name of the cookie. {@code prefix} and {@code app-cookie} need the name of the
 *     application's own cookie, such as {@code JSESSIONID}.
 * @param afterFailback How long sessions stay on a server that no longer serves. {@code drain}: for
 *     {@code on-switch.drain}. {@code keep}: while that server is usable.
 * @param type How a request [shows its session](sessions.md#types-of-sessions).
 * @param secure Whether an inserted cookie is {@code Secure}.
 * @param httpOnly Whether an inserted cookie is hidden from scripts.
 * @param sameSite {@code SameSite} of an inserted cookie. {@code none} makes it {@code Secure}.
 * @param domain {@code Domain} of an inserted cookie.
 * @param entries Most sessions that one replica's table holds, about 100 bytes each. A new session
 *     in a full table replaces the one that was unused for longest. With {@code app-cookie},
 *     sessions that no server's response has set are replaced first while they fill more than an
 *     eighth of the table, so that clients with invented values do not push out others.
 * @param expire Time without a request after which a table forgets a session.
 */
public record StickySettings(
    @Values("a cookie name of at most 128 characters")
        @Default("UNDERSTUDY")
        @Text(TextFormat.TOKEN)
        String cookie,
    @Default("drain") AfterFailback afterFailback,
    @Default("cookie") Type type,
    @Unset("for clients that use TLS") @Nullable Boolean secure,
    @Default("true") boolean httpOnly,
    @Default("lax") SameSite sameSite,
    @Unset("the host alone gets it") @Text(TextFormat.HOST) @Nullable String domain,
    @Default("100000") @Whole(min = 1, max = 1_000_000) int entries,
    @Default("30m") @Span(min = "1s", max = "720h") Duration expire) {
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
    /** Sessions stay until {@code on-switch.drain} has passed; the default. */
    DRAIN,
    /** Sessions stay while that server is usable. */
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

  public static final StickySettings DEFAULT = SectionType.defaults(StickySettings.class);

  public StickySettings {
    if (entries < 1) {
      throw new IllegalArgumentException("expected at least one entry, found " + entries);
    }
    if (sameSite == SameSite.NONE && Boolean.FALSE.equals(secure)) {
      throw new Setting.Invalid(
          "secure", "true, or no such key, as browsers refuse same-site: none without it");
    }
  }
}
