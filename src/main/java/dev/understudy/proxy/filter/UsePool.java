package dev.understudy.proxy.filter;

import dev.understudy.pool.FilterKind;
import dev.understudy.pool.FilterKind.Trait;
import dev.understudy.pool.PoolId;

/** {@code UsePool}: names the pool of the request; the last one counts. */
public record UsePool(PoolId pool) implements ChangeStep {
  /**
   * {@code UsePool=POOL}
   *
   * <p>The request goes to that pool instead of the route's. Only the last such filter counts.
   *
   * <p>Example: {@code UsePool=static when path-suffix(.css, .js)}
   */
  public static final FilterKind KIND = FilterKind.own("UsePool", "pool").with(Trait.POOL).shown();

  static Step compile(FilterSource source) throws NotCompilableException {
    String name = source.arguments().required("pool");
    try {
      return new UsePool(new PoolId(name));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("pool: expected a pool's name, found '" + name + "'", e);
    }
  }

  @Override
  public boolean change(RequestFacts facts) {
    facts.usePool(pool);
    return true;
  }

  /** All forms of the request have the same pool. */
  @Override
  public void changeForm(RequestFacts facts) {}
}
