package dev.understudy.monitor;

import static dev.understudy.monitor.SensePool.BACKUP;
import static dev.understudy.monitor.SensePool.MASTER;
import static dev.understudy.monitor.SensePool.backup;
import static dev.understudy.monitor.SensePool.master;
import static dev.understudy.monitor.SensePool.sense;
import static dev.understudy.monitor.SensePool.with;
import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A serving server that a new file takes away serves until the replicas have left it. */
class MonitorKeepsServingTest {
  private static final Server MOVED = master("192.0.2.20");
  private static final Pool WITHOUT_MASTER = with(sense(), backup("192.0.2.1"));
  private static final Pool MASTER_MOVED = with(sense(), MOVED, backup("192.0.2.1"));

  private final Replicas replicas = new Replicas();
  private final Bench bench = new Bench(replicas, Bench.NO_JITTER);

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void one_that_is_removed_serves_until_the_record_has_moved() {
    served();
    bench.apply(WITHOUT_MASTER);
    bench.advance(10_000);
    assertThat(bench.serving()).isEqualTo(MASTER);
    long probes = bench.prober.probes(MASTER);
    bench.advance(10_000);
    assertThat(bench.prober.probes(MASTER)).as("it is watched still").isGreaterThan(probes);
    replicas.decide(backup("192.0.2.1"), 2);
    bench.scheduler.settle();
    assertThat(bench.serving()).isEqualTo(BACKUP);
    assertThat(bench.pool().server(MASTER)).isNull();
    probes = bench.prober.probes(MASTER);
    bench.advance(10_000);
    assertThat(bench.prober.probes(MASTER)).isEqualTo(probes);
  }

  @Test
  void one_that_moves_serves_at_its_old_address_until_the_record_has_moved() {
    served();
    bench.apply(MASTER_MOVED);
    bench.advance(10_000);
    assertThat(servingHost()).isEqualTo("192.0.2.2");
    assertThat(replicas.file.server(MASTER)).as("what the others are told").isEqualTo(MOVED);
    assertThat(replicas.inForce.server(MASTER)).isEqualTo(master("192.0.2.2"));
    replicas.decide(backup("192.0.2.1"), 2);
    bench.advance(5_000);
    assertThat(bench.serving()).isEqualTo(BACKUP);
    assertThat(bench.server(MASTER).server()).isEqualTo(MOVED);
    replicas.decide(MOVED, 3);
    bench.advance(5_000);
    assertThat(servingHost()).isEqualTo("192.0.2.20");
  }

  @Test
  void a_record_that_moves_to_the_new_address_at_once_is_followed() {
    served();
    bench.apply(MASTER_MOVED);
    replicas.decide(MOVED, 2);
    bench.advance(5_000);
    assertThat(servingHost()).isEqualTo("192.0.2.20");
  }

  @Test
  void one_that_a_second_file_brings_back_just_goes_on() {
    served();
    bench.apply(WITHOUT_MASTER);
    bench.apply(sense());
    bench.advance(1_000);
    assertThat(bench.serving()).isEqualTo(MASTER);
    assertThat(bench.pool().pool()).isEqualTo(sense());
    assertThat(bench.switches()).isEmpty();
  }

  @Test
  void a_second_file_does_not_forget_the_kept_server() {
    served();
    bench.apply(WITHOUT_MASTER);
    bench.apply(with(sense(), backup("192.0.2.100")));
    bench.advance(10_000);
    assertThat(bench.serving()).isEqualTo(MASTER);
    assertThat(bench.server(BACKUP).server()).isEqualTo(backup("192.0.2.100"));
    replicas.decide(backup("192.0.2.100"), 2);
    bench.advance(1_000);
    assertThat(bench.pool().server(MASTER)).isNull();
  }

  @Test
  void a_server_that_is_no_longer_kept_goes_with_the_agreements_change() {
    served();
    bench.apply(WITHOUT_MASTER);
    replicas.keeps = false;
    replicas.tell();
    bench.scheduler.settle();
    assertThat(bench.serving()).isNull();
    assertThat(bench.pool().server(MASTER)).isNull();
  }

  @Test
  void where_nothing_is_kept_it_goes_at_once() {
    replicas.keeps = false;
    served();
    bench.apply(WITHOUT_MASTER);
    bench.scheduler.settle();
    assertThat(bench.pool().server(MASTER)).isNull();
    assertThat(bench.serving()).isNull();
  }

  @Test
  void a_pool_that_balances_from_now_on_keeps_nothing() {
    served();
    bench.apply(with(WITHOUT_MASTER, PoolMode.BALANCE));
    bench.scheduler.settle();
    assertThat(bench.pool().server(MASTER)).isNull();
  }

  @Test
  void a_record_of_a_server_that_the_file_does_not_know_lets_requests_wait() {
    served();
    replicas.decide(MOVED, 2);
    bench.advance(1_000);
    assertThat(bench.serving()).isNull();
    assertThat(bench.pool().epoch()).isEqualTo(2);
    bench.apply(MASTER_MOVED);
    bench.advance(1_000);
    assertThat(servingHost()).isEqualTo("192.0.2.20");
  }

  private void served() {
    replicas.decideFirst(master("192.0.2.2"));
    bench.begin(sense());
    assertThat(bench.serving()).isEqualTo(MASTER);
  }

  private String servingHost() {
    ServerState serving = bench.pool().serving();
    assertThat(serving).isNotNull();
    return serving.server().address().host();
  }

  /** Others decide; this replica never has its turn. */
  private static final class Replicas extends FakeAgreement {
    boolean keeps = true;
    Pool file;
    Pool inForce;

    void decideFirst(Server server) {
      decide(server, 1);
    }

    void decide(Server server, long epoch) {
      decide(decision(server, epoch));
    }

    private static AgreedRole decision(Server server, long epoch) {
      return new AgreedRole(
          new RoleState(server.id(), epoch, null, 0, null, RoleMemory.NONE),
          SwitchReason.OPERATOR,
          FakeScheduler.START,
          "seen elsewhere",
          "other",
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
