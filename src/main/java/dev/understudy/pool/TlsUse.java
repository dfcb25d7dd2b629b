package dev.understudy.pool;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a connection of TLS.
 *
 * @param pool where it is relayed; null unless it is
 */
public record TlsUse(Kind kind, @Nullable PoolId pool) {
  public static final TlsUse HTTP = new TlsUse(Kind.HTTP, null);
  public static final TlsUse CLOSED = new TlsUse(Kind.CLOSED, null);

  /** The kinds of use. */
  public enum Kind {
    /** TLS ends here, and HTTP is served. */
    HTTP,
    /** TLS ends here, and what it carries is relayed. */
    TERMINATED,
    /** TLS is relayed as it comes. */
    PASSTHROUGH,
    /** The connection is closed. */
    CLOSED
  }

  public TlsUse {
    if ((kind == Kind.TERMINATED || kind == Kind.PASSTHROUGH) == Objects.isNull(pool)) {
      throw new IllegalArgumentException("expected a pool of what is relayed alone");
    }
  }
}
