package dev.understudy.monitor;

import static dev.understudy.monitor.SimWorld.MS;

import dev.understudy.agreement.Agreement;
import dev.understudy.agreement.AgreementLifecycle;
import dev.understudy.failover.Candidate;
import dev.understudy.health.HealthStatus;
import dev.understudy.pool.HealthSettings;
import dev.understudy.pool.Pool;
import dev.understudy.pool.ServerId;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one replica of a simulation knows of its servers while it has too little time to check them:
 * of each what it found when it last looked, seldom or never anew. If its version tells it, that is
 * late once it is older than the bound, until two looks in time or bad news.
 *
 * <p>It stands between the monitor, whose probes go on, and the agreement.
 */
final class SimStarvation {
  /** What was found of a server when it was last looked at. */
  private static final class Look {
    Candidate found;
    long at;
    int inTime;
    boolean late;

    Look(Candidate found, long at) {
      this.found = found;
      this.at = at;
    }
  }

  private final SimWorld world;
  private final SimReplica replica;
  private final Agreement agreement;
  private final Map<ServerId, Look> looks = new HashMap<>();
  private AgreementLifecycle.@Nullable Listener listener;

  /** What the monitor reported last. */
  private @Nullable Pool file;

  private @Nullable Pool inForce;
  private Map<ServerId, Candidate> seen = Map.of();
  private boolean starved;

  /** Whether it looks at nothing meanwhile. */
  boolean blind;

  SimStarvation(SimWorld world, SimReplica replica, Agreement agreement) {
    this.world = world;
    this.replica = replica;
    this.agreement = agreement;
  }

  /** The agreement as the monitor is to have it. */
  Agreement between() {
    return (Agreement)
        Proxy.newProxyInstance(
            Agreement.class.getClassLoader(),
            new Class<?>[] {Agreement.class},
            (proxy, method, arguments) -> pass(method, arguments));
  }

  @SuppressWarnings("unchecked") // As RoleDecisions has them.
  private @Nullable Object pass(Method method, Object @Nullable [] arguments) throws Throwable {
    switch (method.getName()) {
      case "start" -> listener = (AgreementLifecycle.Listener) arguments[1];
      case "report" -> {
        file = (Pool) arguments[0];
        inForce = (Pool) arguments[1];
        seen = (Map<ServerId, Candidate>) arguments[2];
        arguments[2] = known(seen);
      }
      case "view" -> arguments[1] = known((Map<ServerId, Candidate>) arguments[1]);
      default -> {}
    }
    try {
      return method.invoke(agreement, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  /** Begins, or ends: then each server is looked at again. */
  void starve(boolean begins) {
    starved = begins;
    seen.forEach(
        (server, candidate) -> {
          if (begins) {
            looks.computeIfAbsent(server, any -> new Look(candidate, world.now()));
            plan(server);
          } else if (looks.containsKey(server)) {
            look(server);
          }
        });
    changed();
  }

  /** The next look, and when what was found becomes late without it. */
  private void plan(ServerId server) {
    Look look = looks.get(server);
    Pool pool = inForce;
    if (look == null || pool == null) {
      return;
    }
    HealthSettings health = pool.health();
    long bound = bound(health);
    if (!starved) {
      world.in(health.interval().toNanos(), () -> replica.deliver(() -> look(server)));
      return;
    }
    if (!blind && world.chance(80)) {
      world.in(
          world.millis(300, 10_000),
          () ->
              replica.deliver(
                  () -> {
                    if (starved) {
                      look(server);
                      plan(server);
                    }
                  }));
    }
    world.in(bound + MS, () -> replica.deliver(() -> becomesLate(server, bound)));
  }

  private static long bound(HealthSettings health) {
    return Math.max(
        health.interval().multipliedBy(3).toNanos(),
        health.interval().plus(health.timeout().multipliedBy(2)).toNanos());
  }

  private void becomesLate(ServerId server, long bound) {
    Look look = looks.get(server);
    if (starved && look != null && world.now() - look.at > bound && !look.late) {
      look.late = replica.version.tellsLate();
      look.inTime = 0;
      world.tell(replica.name + "'s checks of " + server + " are late");
      changed();
    }
  }

  private void look(ServerId server) {
    Look look = looks.get(server);
    Candidate found = seen.get(server);
    if (look == null || found == null) {
      looks.remove(server);
      return;
    }
    Pool pool = inForce;
    boolean inTime = pool != null && world.now() - look.at <= bound(pool.health());
    look.inTime = inTime ? look.inTime + 1 : 0;
    look.at = world.now();
    look.found = found;
    look.late &= look.inTime < 2 && found.status() != HealthStatus.DOWN;
    if (!starved && !look.late) {
      looks.remove(server);
    } else if (!starved) {
      plan(server);
    }
    changed();
  }

  /** What it knows of what it would see. */
  private Map<ServerId, Candidate> known(Map<ServerId, Candidate> own) {
    Map<ServerId, Candidate> known = new HashMap<>(own);
    known.replaceAll((server, now) -> known(now, looks.get(server)));
    return known;
  }

  private static Candidate known(Candidate now, @Nullable Look look) {
    if (look == null || now.changed() || now.status() == HealthStatus.UNKNOWN) {
      return now;
    }
    Candidate then =
        new Candidate(
            look.found.probed(),
            now.circuitOpen(),
            now.set(),
            now.changed(),
            now.failback(),
            now.role());
    return then.withLateChecks(look.late);
  }

  private void changed() {
    Pool pool = file;
    Pool now = inForce;
    if (pool != null && now != null) {
      replica.execute(
          () -> {
            if (pool.equals(file)) {
              agreement.report(pool, now, known(seen));
              if (listener != null) {
                listener.changed(pool.id());
              }
            }
          });
    }
  }
}
