package dev.understudy.discovery;

import dev.understudy.agreement.register.RegisterException;
import dev.understudy.kubernetes.ApiOpening.Api;
import dev.understudy.kubernetes.MirrorLimits;
import dev.understudy.kubernetes.ObjectMirror;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * All slices of namespaces, mirrored once for all Services that are followed there: one list and
 * watch for each namespace, or one for all. They begin with the first Service and do not end. On
 * the client's loop alone.
 */
final class SharedSlices {
  private static final Logger log = LoggerFactory.getLogger(SharedSlices.class);

  private static final MirrorLimits LIMITS = new MirrorLimits(20_000, 128L << 20, 4);

  private final Api api;
  private final List<String> namespaces;
  private final Duration watchTime;
  private final Map<String, Scope> scopes = new HashMap<>();

  /**
   * @param namespaces empty for all
   */
  SharedSlices(Api api, List<String> namespaces, Duration watchTime) {
    this.api = api;
    this.namespaces = namespaces;
    this.watchTime = watchTime;
  }

  /** Whether slices of that namespace are among them. */
  boolean has(String namespace) {
    return namespaces.isEmpty() || namespaces.contains(namespace);
  }

  /**
   * Follows a Service, in a namespace that they {@linkplain #has have}.
   *
   * @return ends it
   */
  Runnable follow(String namespace, String name, ServiceEndpoints endpoints) {
    Scope scope =
        scopes.computeIfAbsent(namespaces.isEmpty() ? "" : namespace, each -> new Scope(each));
    return scope.follow(namespace + "/" + name, endpoints);
  }

  /**
   * A slice with what it belongs to.
   *
   * @param service {@code namespace/name}
   */
  private record OwnedSlice(String name, String service, Slice slice) {
    static OwnedSlice read(JsonNode object) {
      JsonNode metadata = object.path("metadata");
      return new OwnedSlice(
          metadata.path("name").asString(""),
          metadata.path("namespace").asString("")
              + "/"
              + metadata.path("labels").path(FollowedService.SERVICE_NAME).asString(""),
          Slice.read(object));
    }
  }

  /** The slices of one namespace, or of all. */
  private final class Scope implements ObjectMirror.Listener<OwnedSlice> {
    private final String where;
    private final MirrorLimits limits;
    private final Map<String, Map<String, Slice>> services = new HashMap<>();
    private final Map<String, Set<ServiceEndpoints>> followers = new HashMap<>();
    private boolean known;

    Scope(String namespace) {
      this.where = namespace.isEmpty() ? "all namespaces" : "namespace " + namespace;
      this.limits = LIMITS.of(namespace, namespaces.size());
      new ObjectMirror<>(
              api.client(),
              api.failures(namespace, FollowedService.rights(FollowedService.SLICES_RESOURCE)),
              FollowedService.collection(
                  FollowedService.slicesIn(namespace), FollowedService.SERVICE_NAME, false),
              OwnedSlice::read,
              this,
              limits,
              // The API sends a bookmark every minute.
              new ObjectMirror.WatchTime(watchTime.multipliedBy(3).dividedBy(2), true))
          .begin();
    }

    Runnable follow(String service, ServiceEndpoints endpoints) {
      followers.computeIfAbsent(service, each -> new LinkedHashSet<>()).add(endpoints);
      if (known) {
        endpoints.tell(slices(service), Map.of());
      }
      return () ->
          followers.computeIfPresent(
              service,
              (each, all) -> {
                all.remove(endpoints);
                return all.isEmpty() ? null : all;
              });
    }

    private Collection<Slice> slices(String service) {
      return services.getOrDefault(service, Map.of()).values();
    }

    private void tell(String service) {
      for (ServiceEndpoints each : List.copyOf(followers.getOrDefault(service, Set.of()))) {
        each.tell(slices(service), Map.of());
      }
    }

    @Override
    public void has(Map<String, OwnedSlice> all) {
      known = true;
      services.clear();
      all.values().forEach(this::add);
      new HashSet<>(followers.keySet()).forEach(this::tell);
    }

    private void add(OwnedSlice slice) {
      services
          .computeIfAbsent(slice.service(), each -> new HashMap<>())
          .put(slice.name(), slice.slice());
    }

    @Override
    public void changed(
        Map<String, OwnedSlice> all, @Nullable OwnedSlice before, @Nullable OwnedSlice now) {
      if (before != null) {
        services.getOrDefault(before.service(), new HashMap<>()).remove(before.name());
        if (slices(before.service()).isEmpty()) {
          services.remove(before.service());
        }
      }
      if (now != null) {
        add(now);
        tell(now.service());
      }
      if (before != null && (now == null || !now.service().equals(before.service()))) {
        tell(before.service());
      }
    }

    @Override
    public void failed(RegisterException why, int before) {
      if (before == 0) {
        log.warn(
            "The endpoints of Services in {} cannot be read, so the last known ones stay in use:"
                + " {}",
            where,
            why.getMessage());
      }
    }

    @Override
    public void recovered() {
      log.info("The endpoints of Services in {} can be read again", where);
    }

    @Override
    public void unwatched(RegisterException why) {
      log.warn(
          "The endpoints of Services in {} cannot be watched, so they are listed from time to"
              + " time: {}",
          where,
          why.getMessage());
    }

    @Override
    public void leftOut(String which) {
      log.error(
          "Too many EndpointSlices in {}: at most {} are kept, of at most {} MB together{}; {} are"
              + " left out",
          where,
          limits.objects(),
          limits.bytes() >> 20,
          limits.shares() > 1 ? ", a quarter of them for each namespace" : "",
          which);
    }
  }
}
