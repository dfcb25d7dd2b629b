package dev.understudy.monitor;

import dev.understudy.pool.FailbackSettings;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.HoldSettings;
import dev.understudy.pool.Mode;
import dev.understudy.pool.PassiveSettings;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.Rank;
import dev.understudy.pool.RetrySettings;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerAddress;
import dev.understudy.pool.ServerId;
import dev.understudy.pool.SwitchSettings;
import dev.understudy.pool.TimeoutSettings;
import dev.understudy.pool.UpstreamTls;
import java.util.List;
import java.util.OptionalInt;

/** Pools to test with: {@code sense} has the master {@code sen2} and the backup {@code sen1}. */
final class TestPools {
  static final PoolId SENSE = new PoolId("sense");
  static final ServerId MASTER = new ServerId("sen2");
  static final ServerId BACKUP = new ServerId("sen1");

  private TestPools() {}

  static Server master(String host) {
    return server(MASTER, host, Rank.MASTER);
  }

  static Server backup(String host) {
    return server(BACKUP, host, Rank.BACKUP);
  }

  static Server server(ServerId id, String host, Rank rank) {
    return new Server(id, new ServerAddress(false, host, 8079), rank, OptionalInt.empty());
  }

  static Pool sense() {
    return pool(SENSE, master("192.0.2.2"), backup("192.0.2.1"));
  }

  static Pool pool(PoolId id, Server... servers) {
    return new Pool(
        id,
        Mode.FAILOVER,
        List.of(servers),
        HealthSettings.DEFAULT,
        null,
        FailbackSettings.DEFAULT,
        null,
        HoldSettings.DEFAULT,
        RetrySettings.DEFAULT,
        SwitchSettings.DEFAULT,
        TimeoutSettings.DEFAULT,
        UpstreamTls.DEFAULT);
  }

  static Pool with(Pool p, Mode mode) {
    return new Pool(
        p.id(),
        mode,
        p.servers(),
        p.health(),
        p.passive(),
        p.failback(),
        p.sticky(),
        p.hold(),
        p.retry(),
        p.onSwitch(),
        p.timeouts(),
        p.tls());
  }

  static Pool with(Pool p, Server... servers) {
    return new Pool(
        p.id(),
        p.mode(),
        List.of(servers),
        p.health(),
        p.passive(),
        p.failback(),
        p.sticky(),
        p.hold(),
        p.retry(),
        p.onSwitch(),
        p.timeouts(),
        p.tls());
  }

  static Pool with(Pool p, HealthSettings health) {
    return new Pool(
        p.id(),
        p.mode(),
        p.servers(),
        health,
        p.passive(),
        p.failback(),
        p.sticky(),
        p.hold(),
        p.retry(),
        p.onSwitch(),
        p.timeouts(),
        p.tls());
  }

  static Pool with(Pool p, PassiveSettings passive) {
    return new Pool(
        p.id(),
        p.mode(),
        p.servers(),
        p.health(),
        passive,
        p.failback(),
        p.sticky(),
        p.hold(),
        p.retry(),
        p.onSwitch(),
        p.timeouts(),
        p.tls());
  }

  static Pool with(Pool p, FailbackSettings.Policy policy) {
    return new Pool(
        p.id(),
        p.mode(),
        p.servers(),
        p.health(),
        p.passive(),
        new FailbackSettings(policy, p.failback().after()),
        p.sticky(),
        p.hold(),
        p.retry(),
        p.onSwitch(),
        p.timeouts(),
        p.tls());
  }
}
