package dev.understudy.gatewayapi.cluster;

import dev.understudy.agreement.register.RegisterException;
import dev.understudy.gatewayapi.object.ClusterObject;
import dev.understudy.gatewayapi.object.Ingress;
import dev.understudy.gatewayapi.object.IngressReader;
import dev.understudy.gatewayapi.object.Meta;
import dev.understudy.gatewayapi.object.ObjectKey;
import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.gatewayapi.object.ObjectReader;
import dev.understudy.gatewayapi.translate.ObjectId;
import dev.understudy.kubernetes.ApiOpening.Api;
import dev.understudy.kubernetes.ForbiddenException;
import dev.understudy.kubernetes.MirrorLimits;
import dev.understudy.kubernetes.ObjectCollection;
import dev.understudy.kubernetes.ObjectMirror;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** All objects of one kind, from one mirror for each namespace. On the client's loop alone. */
final class MirroredKind {
  private static final Logger log = LoggerFactory.getLogger(MirroredKind.class);

  static final MirrorLimits LIMITS = new MirrorLimits(10_000, 16L << 20, 4);

  /** What counts of the data of a kind. */
  private static final Map<ObjectKind, List<String>> DATA =
      Map.of(
          ObjectKind.SECRET,
          List.of("tls.crt", "tls.key"),
          ObjectKind.CONFIG_MAP,
          List.of("ca.crt"));

  /** Hears of changes. */
  interface Listener {
    /** Something changed that may count for the translation, or the kind is known from now on. */
    void changed();

    /** An object is another one than before, if only in its status. */
    void observed(ObjectId id);
  }

  private final ObjectKind kind;
  private final Listener listener;
  private final List<Place> places = new ArrayList<>();
  private final Map<ObjectKey, ClusterObject> objects = new HashMap<>();

  /** A copy of the objects; null if it is outdated. */
  private @Nullable Map<ObjectKey, ClusterObject> copy;

  MirroredKind(
      Api api,
      ObjectKind kind,
      ClusterScope scope,
      Listener listener,
      ObjectMirror.WatchTime watchTime) {
    this.kind = kind;
    this.listener = listener;
    List<String> namespaces = scope.of(kind);
    for (String namespace : namespaces) {
      places.add(new Place(api, namespace, LIMITS.of(namespace, namespaces.size()), watchTime));
    }
  }

  void begin() {
    places.forEach(place -> place.mirror.begin());
  }

  void close() {
    places.forEach(place -> place.mirror.close());
  }

  /** Whether nothing is to be waited for. */
  boolean isHeard() {
    return places.stream().allMatch(place -> place.heard);
  }

  /** Whether any list succeeded. */
  boolean isListed() {
    return places.stream().anyMatch(place -> place.listed);
  }

  Map<ObjectKey, ClusterObject> copy() {
    if (copy == null) {
      copy = Map.copyOf(objects);
    }
    return copy;
  }

  @Nullable ClusterObject get(ObjectKey key) {
    return objects.get(key);
  }

  boolean isEmpty() {
    return objects.isEmpty();
  }

  /**
   * Whether the kind is not to be taken for empty where it may not be read: without these policies
   * traffic would go to backups, or in the clear.
   */
  private boolean isNeeded() {
    return kind == ObjectKind.FAILOVER_POLICY || kind == ObjectKind.BACKEND_TLS_POLICY;
  }

  private static List<String> paths(ObjectKind kind, String namespace) {
    // Before v1.5 of the standard there is only v1beta1, with the same fields.
    List<String> versions =
        kind == ObjectKind.REFERENCE_GRANT
            ? List.of(kind.apiVersion(), kind.group() + "/v1beta1")
            : List.of(kind.apiVersion());
    return versions.stream().map(each -> ApiPaths.objects(kind, each, namespace)).toList();
  }

  /**
   * Reads an object, and removes from it what does not count: two forms that differ in nothing else
   * are equal.
   */
  static ClusterObject read(ObjectKind kind, JsonNode object) {
    List<String> names = DATA.get(kind);
    if (names != null && object.path("data") instanceof ObjectNode data) {
      var unused = data.retain(names);
    }
    if (object.path("metadata") instanceof ObjectNode metadata) {
      if (metadata.path("annotations") instanceof ObjectNode annotations) {
        var unused = annotations.retain(IngressReader.ANNOTATIONS);
      }
      if (!ApiPaths.hasStatus(kind)) {
        var unused = metadata.remove("resourceVersion");
      }
    }
    if (!ApiPaths.hasStatus(kind) && object.path("status") instanceof ObjectNode status) {
      var unused = status.retain("loadBalancer");
    }
    return ObjectReader.read(kind, object);
  }

  /** Whether what changed of an object is what replicas and other controllers say of it. */
  private boolean isOfStatus(@Nullable ClusterObject before, @Nullable ClusterObject now) {
    if (before == null || now == null || !ApiPaths.hasStatus(now.kind())) {
      return false;
    }
    Meta was = before.meta();
    Meta is = now.meta();
    return is.generation() > 0
        && is.generation() == was.generation()
        && is.uid().equals(was.uid())
        && hasClassAnnotation(before) == hasClassAnnotation(now)
        && (kind != ObjectKind.GATEWAY || addresses(was).equals(addresses(is)));
  }

  /** What decides where a Gateway is, in every replica. */
  private static JsonNode addresses(Meta meta) {
    return meta.status().path("addresses");
  }

  /** Whether it has the annotation that counts, which is no part of the generation. */
  private static boolean hasClassAnnotation(ClusterObject object) {
    return object instanceof Ingress ingress && ingress.hasClassAnnotation();
  }

  private void replaced(ObjectKey key, @Nullable ClusterObject now) {
    ClusterObject before = now == null ? objects.remove(key) : objects.put(key, now);
    if (Objects.equals(before, now)) {
      return;
    }
    copy = null;
    if (!isOfStatus(before, now)) {
      listener.changed();
    }
    listener.observed(new ObjectId(kind, key));
  }

  /** The objects of one namespace, or of all. */
  private final class Place implements ObjectMirror.Listener<ClusterObject> {
    private final String where;
    private final MirrorLimits limits;
    private final ObjectMirror<ClusterObject> mirror;
    private Set<ObjectKey> mine = new HashSet<>();
    private boolean heard;
    private boolean listed;

    Place(Api api, String namespace, MirrorLimits limits, ObjectMirror.WatchTime watchTime) {
      this.limits = limits;
      this.where =
          kind.plural()
              + (kind.group().isEmpty() ? "" : "." + kind.group())
              + (namespace.isEmpty() ? "" : " in namespace " + namespace);
      String query =
          kind == ObjectKind.SECRET
              ? ObjectCollection.selector("fieldSelector", "type=kubernetes.io/tls")
              : "";
      this.mirror =
          new ObjectMirror<>(
              api.client(),
              api.failures(namespace, "get, list and watch " + where),
              new ObjectCollection(paths(kind, namespace), query, false, !kind.group().isEmpty()),
              object -> read(kind, object),
              this,
              limits,
              watchTime);
    }

    @Override
    public void has(Map<String, ClusterObject> all) {
      Set<ObjectKey> gone = mine;
      mine = new HashSet<>();
      all.values().forEach(each -> mine.add(each.key()));
      gone.removeAll(mine);
      gone.forEach(key -> replaced(key, null));
      all.values().forEach(each -> replaced(each.key(), each));
      heard = true;
      if (!listed) {
        listed = true;
        listener.changed();
      }
    }

    @Override
    public void changed(
        Map<String, ClusterObject> all,
        @Nullable ClusterObject before,
        @Nullable ClusterObject now) {
      if (now != null) {
        mine.add(now.key());
        replaced(now.key(), now);
      } else if (before != null) {
        mine.remove(before.key());
        replaced(before.key(), null);
      }
    }

    @Override
    public void failed(RegisterException why, int before) {
      if (!heard && why instanceof ForbiddenException && !isNeeded()) {
        heard = true;
        listener.changed();
      }
      if (before > 0) {
        return;
      }
      if (heard) {
        log.warn(
            "Gateway API: {} cannot be read, so what is known of them stays in force: {}",
            where,
            why.getMessage());
      } else {
        log.error(
            "Gateway API: {} cannot be read, and nothing is put into force before they can be: {}",
            where,
            why.getMessage());
      }
    }

    @Override
    public void recovered() {
      log.info("Gateway API: {} can be read again", where);
    }

    @Override
    public void unwatched(RegisterException why) {
      log.warn(
          "Gateway API: {} cannot be watched, so they are listed from time to time: {}",
          where,
          why.getMessage());
    }

    @Override
    public void unreadable(String key, String why) {
      log.warn(
          "Gateway API: {} {} cannot be read, and counts as it was when it could: it has {}",
          kind.kind(),
          key,
          why);
    }

    @Override
    public void leftOut(String which) {
      log.error(
          "Gateway API: there are more {} than are kept, {} and {} MB{}: {} are left out",
          where,
          limits.objects(),
          limits.bytes() >> 20,
          limits.shares() > 1 ? ", a quarter of them for each namespace" : "",
          which);
    }
  }
}
