package dev.understudy.monitor;

import dev.understudy.agreement.AgreementLifecycle;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import java.util.function.Consumer;

/**
 * Passes news of other replicas to the pool concerned.
 *
 * @param refused told why this replica must not run
 */
record OtherReplicas(Pools pools, Consumer<String> refused) implements AgreementLifecycle.Listener {
  @Override
  public void changed(PoolId id) {
    pools.on(id, PoolController::follow);
  }

  @Override
  public void suspected(PoolId id, ServerId server, String replica) {
    pools.on(id, pool -> pool.suspect(server, replica));
  }

  @Override
  public void refused(String why) {
    refused.accept(why);
  }
}
