package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.backup;
import static dev.understudy.monitor.SensePool.master;
import static dev.understudy.monitor.SensePool.sense;
import static dev.understudy.monitor.SensePool.with;

import dev.understudy.agreement.AgreedRole;
import dev.understudy.agreement.RoleOperators;
import dev.understudy.agreement.ServerIdentity;
import dev.understudy.failover.Candidate;
import dev.understudy.failover.RoleMemory;
import dev.understudy.failover.RoleState;
import dev.understudy.failover.SwitchReason;
import dev.understudy.pool.Pool;
import dev.understudy.pool.PoolMode;
import dev.understudy.pool.Server;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.OwedHooks;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** A serving server that a new file takes away serves until the replicas have left it. */
class MonitorKeepsServingTest {
  static final List<Story> STORIES =
      Story.of(
          """
          one that is removed serves until the record has moved
            served; apply backup-only; wait 10 s; serving = sen2
            # It is watched still.
            count probes of sen2 anew; wait 10 s; probes.sen2 in 1..99
            the record is of backup 192.0.2.1 in epoch 2; serving = sen1; servers = sen1
            count probes of sen2 anew; wait 10 s; probes.sen2 = 0
          one that moves serves at its old address until the record has moved
            served; apply moved; wait 10 s; pool.serving.server.address.host = 192.0.2.2
            # What the others are told.
            file ~ 192.0.2.20; in-force ~ "192.0.2.2:"
            the record is of backup 192.0.2.1 in epoch 2; wait 5 s; serving = sen1
            sen2.server.address.host = 192.0.2.20
            the record is of master 192.0.2.20 in epoch 3; wait 5 s
            pool.serving.server.address.host = 192.0.2.20
          a record that moves to the new address at once is followed
            served; apply moved; the record is of master 192.0.2.20 in epoch 2; wait 5 s
            pool.serving.server.address.host = 192.0.2.20
          one that a second file brings back just goes on
            served; keep pool.pool as before; apply backup-only; apply sense; wait 1 s
            serving = sen2; pool.pool = $before; count.Switched = 0
          a second file does not forget the kept server
            served; apply backup-only; apply backup-moved; wait 10 s
            serving = sen2; sen1.server.address.host = 192.0.2.100
            the record is of backup 192.0.2.100 in epoch 2; wait 1 s; servers = sen1
          a server that is no longer kept goes with the agreements change
            served; apply backup-only; nothing is kept; they tell; serving = null; servers = sen1
          where nothing is kept it goes at once
            nothing is kept; served; apply backup-only; servers = sen1; serving = null
          a pool that balances from now on keeps nothing
            served; apply balanced-backup; servers = sen1
          a record of a server that the file does not know lets requests wait
            served; the record is of master 192.0.2.20 in epoch 2; wait 1 s
            serving = null; pool.epoch = 2; apply moved; wait 1 s
            pool.serving.server.address.host = 192.0.2.20
          """);

  private final Replicas replicas = new Replicas();

  @AutoClose
  private final Stage stage =
      new Stage(replicas)
          .pool("moved", with(sense(), master("192.0.2.20"), backup("192.0.2.1")))
          .pool("backup-moved", with(sense(), backup("192.0.2.100")))
          .pool("balanced-backup", with(with(sense(), backup("192.0.2.1")), PoolMode.BALANCE))
          .verb("the record is of (\\S+) (\\S+) in epoch (\\d+)", this::record)
          .verb("nothing is kept", on -> replicas.keeps = false)
          .verb("they tell", on -> tell())
          .means("served", "served first; serving = sen2")
          .verb("served first", on -> served())
          .fact("file", () -> replicas.file.server(SensePool.MASTER))
          .fact("in-force", () -> replicas.inForce.server(SensePool.MASTER));

  private void served() {
    replicas.decide(master("192.0.2.2"), 1);
    stage.bench.begin(sense());
  }

  private void record(MatchResult on) {
    Server server = on.group(1).equals("master") ? master(on.group(2)) : backup(on.group(2));
    replicas.decide(server, Long.parseLong(on.group(3)));
    stage.bench.scheduler.settle();
  }

  private void tell() {
    replicas.tell();
    stage.bench.scheduler.settle();
  }

  @ParameterizedTest
  @FieldSource("STORIES")
  void a_server_serves_until_all_have_left_it(Story story) {
    stage.play(story);
  }

  /** Others decide; this replica never has its turn. */
  private static final class Replicas extends FakeAgreement {
    boolean keeps = true;
    Pool file;
    Pool inForce;

    void decide(Server server, long epoch) {
      decide(decision(server, epoch));
    }

    private static AgreedRole decision(Server server, long epoch) {
      return new AgreedRole(
          new RoleState(server.id(), epoch, null, 0, null, RoleMemory.NONE),
          new AgreedRole.Decision(
              SwitchReason.OPERATOR, FakeScheduler.START, "seen elsewhere", "other"),
          ServerIdentity.of(server),
          RoleOperators.NONE,
          null,
          OwedHooks.NONE);
    }

    @Override
    public boolean keepsServing() {
      return keeps;
    }

    @Override
    public void report(Pool newFile, Pool newInForce, Map<ServerId, Candidate> own) {
      file = newFile;
      inForce = newInForce;
    }
  }
}
