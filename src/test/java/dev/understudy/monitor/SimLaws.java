package dev.understudy.monitor;

import static dev.understudy.monitor.SimWorld.MS;
import static dev.understudy.monitor.SimWorld.SECOND;
import static dev.understudy.monitor.SimWorld.require;

import dev.understudy.agreement.quorum.QuorumSettings.OnLoss;
import dev.understudy.event.Event.Switched;
import dev.understudy.event.EventLog;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.ServerId;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchPhase;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What must hold of a simulation's replicas after every single event, and at the end. */
final class SimLaws {
  /** From a replica's start until it must be ready. */
  static final long START = 15 * SECOND;

  private static final long OVERLAP = 300 * MS;

  /** Twice {@code renew}, by the slowest clock. */
  private static final long CONTACT = 4_030 * MS;

  /** A replica that was lost counts for so long; another that sees less stays not ready. */
  private static final long LOST = 7 * SECOND;

  private final SimWorld world;
  private final SimWitness witness;
  private final OnLoss onLoss;
  private final List<SimReplica> replicas;
  private final List<SimReplica> dead;

  /** Whether the server at an address is well, and not fenced. */
  private final Predicate<String> well;

  private final Map<SimReplica, Long> epochs = new HashMap<>();
  private final Map<Long, String> told = new HashMap<>();
  private long overlapSince = -1;
  private long worstOverlap;
  private long noneReadySince = -1;
  private long lostAt = -LOST;
  private long leftSince = -1;

  /** Of those replicas, whichever they are at each moment. */
  SimLaws(
      SimWorld world,
      SimWitness witness,
      OnLoss onLoss,
      List<SimReplica> replicas,
      List<SimReplica> dead,
      Predicate<String> well) {
    this.world = world;
    this.witness = witness;
    this.onLoss = onLoss;
    this.replicas = replicas;
    this.dead = dead;
    this.well = well;
    witness.onMoved(this::checkMoved);
  }

  /** A replica was killed, or stands still. */
  void lost() {
    lostAt = world.now();
  }

  /** For how long two servers got traffic at once, ns. */
  long worstOverlap() {
    return worstOverlap;
  }

  void check() {
    checkEpochs();
    checkTold();
    checkFresh();
    checkOverlap();
    checkPlannedSwitch();
    checkReadiness();
    checkServedAfterFailure();
  }

  /**
   * After a planned switch that failed nobody serves for a minute at most while a server is well,
   * operators allow it, and all replicas see it: in that time some of its promotions succeed.
   */
  private void checkServedAfterFailure() {
    boolean left = !replicas.isEmpty();
    for (SimReplica replica : replicas) {
      PoolState pool = replica.pool();
      PlannedSwitch planned = pool == null ? null : pool.planned();
      left &=
          replica.isRunning()
              && !replica.isExcused()
              && !replica.slow
              && replica.cutServers.isEmpty()
              && replica.agreement.contact().holds()
              && planned != null
              && planned.leftNobody()
              && pool.serving() == null
              && pool.servers().stream().anyMatch(this::maySave);
    }
    leftSince = !left ? -1 : leftSince < 0 ? world.now() : leftSince;
    require(
        !left || world.now() - leftSince <= 60 * SECOND,
        () -> "nobody serves for a minute after a switch that failed: " + who());
  }

  private boolean maySave(ServerState server) {
    return server.operatorState() == OperatorState.READY
        && well.test(server.server().address().host());
  }

  private void checkEpochs() {
    for (SimReplica replica : all()) {
      if (replica.pool() == null) {
        continue;
      }
      long epoch = replica.epoch();
      Long before = epochs.put(replica, epoch);
      require(
          before == null || epoch >= before,
          () -> replica.name + "'s epoch fell from " + before + " to " + epoch);
    }
  }

  /** Of each epoch one server alone is told, unless people had their hands in the store. */
  private void checkTold() {
    for (SimReplica replica : all()) {
      String server = replica.isRunning() && replica.tellsEpoch() ? replica.serving() : null;
      if (server != null && !witness.wasDoctored()) {
        String before = told.putIfAbsent(replica.epoch(), server);
        require(
            before == null || before.equals(server),
            () -> "epoch " + replica.epoch() + " is told to " + before + " and " + server);
      }
    }
  }

  /** No server is told an epoch after which another began longer ago than contact lasts. */
  private void checkFresh() {
    for (SimReplica replica : all()) {
      Long next = witness.nextBegan(replica.epoch());
      if (next != null && world.now() - next > CONTACT && !witness.wasDoctored()) {
        require(
            !replica.isRunning() || replica.serving() == null || !replica.tellsEpoch(),
            () -> replica.name + " tells epoch " + replica.epoch() + ", which is over: " + who());
      }
    }
  }

  /** Those that leave, too. */
  private List<SimReplica> all() {
    List<SimReplica> all = new ArrayList<>(replicas);
    all.addAll(dead);
    return all;
  }

  /** Those that may have clients, the stopping ones included. */
  private List<SimReplica> withClients() {
    List<SimReplica> all = all();
    all.removeIf(replica -> !replica.alive || replica.handed);
    return all;
  }

  private void checkOverlap() {
    String first = null;
    boolean overlap = false;
    for (SimReplica replica : all()) {
      String serving = replica.isRunning() && !replica.isExcused() ? replica.serving() : null;
      if (serving != null) {
        overlap |= first != null && !first.equals(serving);
        first = serving;
      }
    }
    if (!overlap) {
      overlapSince = -1;
    } else if (overlapSince < 0) {
      overlapSince = world.now();
    } else {
      worstOverlap = Math.max(worstOverlap, world.now() - overlapSince);
      require(
          world.now() - overlapSince <= OVERLAP,
          () ->
              "two servers get traffic for " + (world.now() - overlapSince) / MS + " ms: " + who());
    }
  }

  /**
   * At no moment do requests run at both servers of a planned switch, and no pause outlives its
   * deadline: the pause, twice if it is rolled back, and what a replica out of touch holds longer.
   */
  private void checkPlannedSwitch() {
    for (SimReplica replica : replicas) {
      PoolState pool = replica.pool();
      PlannedSwitch planned = pool == null ? null : pool.planned();
      if (planned == null || !replica.isRunning()) {
        continue;
      }
      long most = planned.request().pause().toNanos() * 2 + 5 * SECOND;
      require(
          replica.isExcused() || replica.traffic.paused() <= most,
          () -> replica.name + " holds its clients for " + replica.traffic.paused() / MS + " ms");
      if (planned.phase() == SwitchPhase.MOVED && pool.epoch() == planned.epoch()) {
        checkReleased(replica, planned);
      }
    }
  }

  /**
   * When the role moves, none of the replicas that were to release the old server has a request
   * there, whether it is cut off or stands still.
   */
  private void checkMoved(PlannedSwitch planned) {
    for (SimReplica replica : withClients()) {
      PoolState pool = replica.pool();
      ServerState from = pool == null ? null : pool.server(planned.from());
      require(
          !planned.replicas().contains(replica.name)
              || from == null
              || !from.server().address().host().equals(replica.traffic.at()),
          () -> replica.name + " has a request at " + planned.from() + " when the role moves");
    }
  }

  private void checkReleased(SimReplica moved, PlannedSwitch planned) {
    for (SimReplica other : withClients()) {
      ServerState from = Objects.requireNonNull(moved.pool()).server(planned.from());
      boolean behind = other.epoch() < planned.epoch();
      require(
          from == null
              || !behind
              || other.isExcused()
              || moved.isExcused()
              || !from.server().address().host().equals(other.traffic.at()),
          () ->
              other.name + " has a request at " + planned.from() + " after it was moved: " + who());
    }
  }

  private void checkReadiness() {
    boolean some = false;
    boolean anyOld = false;
    for (SimReplica replica : replicas) {
      boolean old = replica.isRunning() && world.now() - replica.born > START;
      anyOld |= old;
      some |= replica.isRunning() && replica.monitor.ready();
    }
    if (onLoss == OnLoss.HOLD || some || !anyOld) {
      noneReadySince = -1;
    } else if (noneReadySince < 0) {
      noneReadySince = world.now();
    } else {
      boolean lost = world.now() - lostAt < LOST;
      require(lost || world.now() - noneReadySince < 100 * MS, "no replica is ready");
    }
  }

  void checkEnd() {
    require(!replicas.isEmpty(), "there is a replica");
    SimReplica first = replicas.getFirst();
    for (SimReplica replica : replicas) {
      require(replica.refusals().isEmpty(), replica.name + " refuses: " + replica.refusals());
      require(replica.isRunning(), replica.name + " runs");
      require(replica.agreement.contact().holds(), replica.name + " is in touch");
      require(replica.monitor.ready(), replica.name + " is ready");
      require(replica.sameAs(first), "replicas agree at the end: " + who());
      require(
          replica.serving() == null || replica.tellsEpoch(),
          replica.name + " tells the epoch: " + replica.agreement.status());
      require(
          operatorStates(replica).equals(operatorStates(first)),
          "operators' states are the same: "
              + operatorStates(replica)
              + ", "
              + operatorStates(first));
      require(Objects.equals(replica.pinned(), first.pinned()), "the pin is the same");
      require(
          failsBack(replica) || replica.traffic.paused() == 0,
          replica.name + " holds no clients any more");
      require(Objects.equals(planned(replica), planned(first)), "the planned switch is the same");
    }
    checkServes(first);
    checkEvidence();
  }

  private static @Nullable PlannedSwitch planned(SimReplica replica) {
    return Objects.requireNonNull(replica.pool()).planned();
  }

  /** Whether its clients wait for a failback. */
  private static boolean failsBack(SimReplica replica) {
    PlannedSwitch planned = planned(replica);
    return planned != null && planned.isActive() && planned.request().failback();
  }

  private static Map<ServerId, OperatorState> operatorStates(SimReplica replica) {
    Map<ServerId, OperatorState> states = new TreeMap<>();
    for (ServerState server : Objects.requireNonNull(replica.pool()).servers()) {
      states.put(server.server().id(), server.operatorState());
    }
    return states;
  }

  /** Somebody serves, unless operators want nobody to. */
  private void checkServes(SimReplica replica) {
    boolean allowed =
        operatorStates(replica).values().stream().anyMatch(OperatorState.READY::equals);
    require(
        !allowed || failsBack(replica) || replica.serving() != null, "somebody serves: " + who());
  }

  /** Of one epoch all replicas tell the same. */
  private void checkEvidence() {
    Map<Long, String> told = new HashMap<>();
    for (SimReplica replica : all()) {
      for (EventLog.Entry entry : replica.events.newest(null, EventLog.CAPACITY)) {
        if (entry.event() instanceof Switched event && !witness.wasDoctored() && !isLocal(event)) {
          String text = event.to() + " " + event.reason() + " " + event.evidence();
          String before = told.putIfAbsent(event.epoch(), text);
          require(
              before == null || before.equals(text),
              "epoch " + event.epoch() + " has two stories: " + before + " and " + text);
        }
      }
    }
  }

  private static boolean isLocal(Switched event) {
    return event.evidence().contains("decided alone");
  }

  private String who() {
    StringBuilder who = new StringBuilder();
    for (SimReplica replica : replicas) {
      who.append(replica.name)
          .append(replica.isRunning() ? "" : " (stands)")
          .append(replica.isExcused() ? " (excused)" : "")
          .append(" -> ")
          .append(replica.serving())
          .append(" in epoch ")
          .append(replica.epoch())
          .append("; ");
    }
    return who.toString();
  }
}
