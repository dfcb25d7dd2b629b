package dev.understudy.gatewayapi.cluster;

import dev.understudy.gatewayapi.object.ClusterObject;
import dev.understudy.gatewayapi.object.ClusterObjects;
import dev.understudy.gatewayapi.object.ObjectKey;
import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.gatewayapi.translate.ObjectId;
import dev.understudy.kubernetes.ApiOpening.Api;
import dev.understudy.kubernetes.ObjectMirror;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All kinds of objects of a cluster, and when their changes are told: the first of a quiet time
 * after 50 ms, those of a burst together, every 250 ms. Nothing is told before each kind was listed
 * once, is not installed, or may not be read (403), and while no list has succeeded at all.
 * Policies are waited for where they may not be read, too. On the client's loop alone.
 */
final class ClusterMirrors implements MirroredKind.Listener {
  /** ConfigMaps count only where a BackendTLSPolicy refers to authorities. */
  private static final Set<ObjectKind> FROM_THE_BEGINNING =
      EnumSet.complementOf(
          EnumSet.of(ObjectKind.CONFIG_MAP, ObjectKind.INGRESS, ObjectKind.INGRESS_CLASS));

  private static final Duration FIRST = Duration.ofMillis(50);
  private static final Duration BURST = Duration.ofMillis(250);

  private final Api api;
  private final ClusterScope scope;
  private final ObjectMirror.WatchTime watchTime;
  private final Consumer<ClusterObjects> told;
  private final Consumer<ObjectId> observed;
  private final Map<ObjectKind, MirroredKind> kinds = new EnumMap<>(ObjectKind.class);
  private long lastTold = System.nanoTime() - BURST.toNanos();
  private boolean planned;
  private Runnable timer = () -> {};

  /**
   * @param told of all objects
   * @param observed told at once of each object that is another one, if only in its status
   */
  ClusterMirrors(
      Api api,
      ClusterScope scope,
      Duration watchTime,
      Consumer<ClusterObjects> told,
      Consumer<ObjectId> observed) {
    this.api = api;
    this.scope = scope;
    this.watchTime = new ObjectMirror.WatchTime(watchTime, true);
    this.told = told;
    this.observed = observed;
  }

  void begin() {
    FROM_THE_BEGINNING.forEach(this::add);
    if (scope.ingress()) {
      add(ObjectKind.INGRESS_CLASS);
      add(ObjectKind.INGRESS);
    }
    kinds.values().forEach(MirroredKind::begin);
  }

  private MirroredKind add(ObjectKind kind) {
    MirroredKind added = new MirroredKind(api, kind, scope, this, watchTime);
    kinds.put(kind, added);
    return added;
  }

  void close() {
    timer.run();
    kinds.values().forEach(MirroredKind::close);
  }

  /** The object as it was last seen; null if it is not known. */
  @Nullable ClusterObject get(ObjectId id) {
    MirroredKind kind = kinds.get(id.kind());
    return kind == null ? null : kind.get(id.key());
  }

  @Override
  public void changed() {
    MirroredKind policies = kinds.get(ObjectKind.BACKEND_TLS_POLICY);
    if (policies != null && !policies.isEmpty() && !kinds.containsKey(ObjectKind.CONFIG_MAP)) {
      add(ObjectKind.CONFIG_MAP).begin();
    }
    if (!planned && isComplete()) {
      planned = true;
      timer = api.client().later(pause(System.nanoTime(), lastTold), this::tell);
    }
  }

  @Override
  public void observed(ObjectId id) {
    observed.accept(id);
  }

  private boolean isComplete() {
    return kinds.values().stream().allMatch(MirroredKind::isHeard)
        && kinds.values().stream().anyMatch(MirroredKind::isListed);
  }

  /**
   * The time from a change until it is told, in nanoseconds of one clock.
   *
   * @param last when something was told before
   */
  static Duration pause(long now, long last) {
    Duration rest = BURST.minusNanos(now - last);
    return rest.compareTo(FIRST) < 0 ? FIRST : rest;
  }

  private void tell() {
    planned = false;
    if (!isComplete()) {
      return;
    }
    lastTold = System.nanoTime();
    Map<ObjectKind, Map<ObjectKey, ClusterObject>> all = new EnumMap<>(ObjectKind.class);
    kinds.forEach((kind, objects) -> all.put(kind, objects.copy()));
    told.accept(new ClusterObjects(all));
  }
}
