package dev.understudy.proxy.session;

import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.StickySettings;
import dev.understudy.proxy.http.ProxyRequest;
import dev.understudy.proxy.http.TrustedProxies;
import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Knows the sessions of one pool: which server a request's session is on, and what to remember of a
 * response. Created once for each configuration and event loop, and used on that loop only.
 */
public abstract class SessionStore {
  private final Pool pool;

  SessionStore(Pool pool) {
    this.pool = pool;
  }

  /**
   * The session that a request belongs to.
   *
   * @param server the server that the session is on
   * @param hash a hash of what tells the session from others
   */
  public record Session(ServerId server, int hash) {
    private boolean isOn(ServerId other) {
      return server.equals(other);
    }
  }

  /** Creates the store of a pool with such settings. */
  public static SessionStore of(
      Pool pool,
      StickySettings sticky,
      StickyKey key,
      SessionTables tables,
      TrustedProxies trusted) {
    return switch (sticky.type()) {
      case COOKIE -> new StickyCookies(pool, sticky, key, trusted);
      case PREFIX -> new PrefixedCookies(pool, sticky, key);
      case APP_COOKIE -> new LearntCookies(pool, sticky, tables.of(pool.id(), sticky));
      case CLIENT_ADDRESS -> new ClientAddresses(pool, tables.of(pool.id(), sticky), trusted);
    };
  }

  /** Whether this store was created for that configuration. */
  @SuppressWarnings("ReferenceEquality") // cheap; a false result only costs a new store
  public final boolean isFor(Pool other) {
    return pool == other;
  }

  /** The session that a request belongs to; null if it shows none that is known. */
  public abstract @Nullable Session session(ProxyRequest request);

  /**
   * Learns from a server's response, and changes its {@code Set-Cookie} fields if need be.
   *
   * @param came the session that the request belonged to; null for none
   * @param preferred whether the request's route named the server, so that no session begins
   * @param response the fields of the final response, or of a 101
   * @return a further {@code Set-Cookie} for the client; null for none
   */
  public final @Nullable String responded(
      ProxyRequest request,
      @Nullable Session came,
      ServerId server,
      boolean preferred,
      HttpHeaders response) {
    boolean begins = !preferred && (came == null || !came.isOn(server));
    return responded(request, server, begins, response);
  }

  /**
   * Learns from a server's response.
   *
   * @param begins whether the request's session, if it has one, begins on the server or moves there
   */
  abstract @Nullable String responded(
      ProxyRequest request, ServerId server, boolean begins, HttpHeaders response);
}
