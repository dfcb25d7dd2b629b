package dev.understudy.config;

import dev.understudy.pool.FilterKind;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.RoutePart;
import org.jspecify.annotations.Nullable;

/** The pools that filters lead requests to. */
final class UsedPools {
  private UsedPools() {}

  /** The pool that a filter names; null if it names none. */
  static @Nullable PoolId of(RoutePart filter) {
    return FilterKind.of(filter) == FilterKind.USE_POOL
        ? filter.args().values().stream().findFirst().map(PoolId::new).orElse(null)
        : null;
  }
}
