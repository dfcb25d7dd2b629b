package dev.understudy;

import dev.understudy.pool.PoolId;
import dev.understudy.proxy.Outcome;
import dev.understudy.proxy.ProxyListener;
import org.springframework.stereotype.Component;

@Component
class TemporaryListener implements ProxyListener {
  @Override
  public void ended(Outcome outcome) {}

  @Override
  public void retried(PoolId pool, Retry reason) {}

  @Override
  public void held(PoolId pool, int delta) {}
}
