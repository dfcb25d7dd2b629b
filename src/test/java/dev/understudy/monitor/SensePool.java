package dev.understudy.monitor;

import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.HookSettings;
import dev.understudy.pool.PassiveSettings;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.Rank;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.testing.TestPools;
import dev.understudy.testing.TestServers;
import dev.understudy.testing.TestSettings;
import java.util.OptionalInt;

/** Pools to test with: {@code sense} has the master {@code sen2} and the backup {@code sen1}. */
final class SensePool {
  static final PoolId SENSE = new PoolId("sense");
  static final ServerId MASTER = new ServerId("sen2");
  static final ServerId BACKUP = new ServerId("sen1");

  private SensePool() {}

  static Server master(String host) {
    return server(MASTER, host, Rank.MASTER);
  }

  static Server backup(String host) {
    return server(BACKUP, host, Rank.BACKUP);
  }

  static Server server(ServerId id, String host, Rank rank) {
    return TestServers.of(id, TestSettings.address(false, host, 8079), rank, OptionalInt.empty());
  }

  static Pool sense() {
    return pool(SENSE, master("192.0.2.2"), backup("192.0.2.1"));
  }

  static Pool pool(PoolId id, Server... servers) {
    return TestPools.pool(id).servers(servers).build();
  }

  static Pool with(Pool pool, PoolMode mode) {
    return TestPools.like(pool).mode(mode).build();
  }

  static Pool with(Pool pool, Server... servers) {
    return TestPools.like(pool).servers(servers).build();
  }

  static Pool with(Pool pool, HealthSettings health) {
    return TestPools.like(pool).health(health).build();
  }

  static Pool with(Pool pool, PassiveSettings passive) {
    return TestPools.like(pool).passive(passive).build();
  }

  static Pool with(Pool pool, HookSettings hooks) {
    return TestPools.like(pool).hooks(hooks).build();
  }

  static Pool with(Pool pool, FailbackSettings.Policy policy) {
    return TestPools.like(pool)
        .failback(TestSettings.failback(policy, pool.failback().after()))
        .build();
  }
}
