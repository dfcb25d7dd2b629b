package dev.understudy.discovery;

import dev.understudy.agreement.register.RegisterException;
import dev.understudy.kubernetes.ApiOpening.Api;
import dev.understudy.kubernetes.MirrorLimits;
import dev.understudy.kubernetes.ObjectCollection;
import dev.understudy.kubernetes.ObjectMirror;
import dev.understudy.monitor.Endpoint;
import dev.understudy.pool.RoleLabel;
import dev.understudy.pool.ServerTemplate;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * One Service: its slices and, if a role label counts, its namespace's Pods that have the label.
 * Nothing is told before both are known, so that nobody is chosen in ignorance of its label; labels
 * that cannot be listed are not known. On the client's loop alone.
 */
final class FollowedService {
  private static final Logger log = LoggerFactory.getLogger(FollowedService.class);

  /** What a Role must have, for people. */
  static final String SLICES_RESOURCE = "endpointslices of discovery.k8s.io";

  /** The label of a slice that names its Service. */
  static final String SERVICE_NAME = "kubernetes.io/service-name";

  private static final MirrorLimits LIMITS = new MirrorLimits(2_000, 64L << 20, 1);

  private final ServerTemplate template;
  private final ServiceEndpoints endpoints;
  private final ObjectMirror.WatchTime watchTime;
  private @Nullable Map<String, Slice> slices;
  private @Nullable Map<String, PodRole> roles;
  private boolean over;
  private Runnable end = () -> {};

  FollowedService(ServerTemplate template, Consumer<List<Endpoint>> found, Duration watchTime) {
    this.template = template;
    this.endpoints = new ServiceEndpoints(template, found);
    this.watchTime = new ObjectMirror.WatchTime(watchTime, false);
  }

  /** What a Role must allow, for people. */
  static String rights(String what) {
    return "get, list and watch " + what;
  }

  /**
   * @param shared the slices in which the Service is found if no role label counts; null if there
   *     are none
   */
  void begin(Api api, @Nullable SharedSlices shared) {
    if (over) {
      return;
    }
    String[] name = template.address().host().split("\\.", 2);
    String namespace = name.length > 1 ? name[1] : api.settings().namespace();
    RoleLabel label = template.roleLabel();
    if (label == null) {
      roles = Map.of();
      if (shared != null && shared.has(namespace)) {
        end = shared.follow(namespace, name[0], endpoints);
        return;
      }
    }
    ObjectMirror<Slice> ofSlices =
        new ObjectMirror<>(
            api.client(),
            api.failures(namespace, rights(SLICES_RESOURCE)),
            collection(slicesIn(namespace), SERVICE_NAME + "=" + name[0], false),
            Slice::read,
            new News<>("endpoints", all -> slices = all, () -> {}),
            LIMITS,
            watchTime);
    ObjectMirror<PodRole> ofPods = label == null ? null : pods(api, namespace, label);
    end =
        () -> {
          ofSlices.close();
          if (ofPods != null) {
            ofPods.close();
          }
        };
    ofSlices.begin();
    if (ofPods != null) {
      ofPods.begin();
    }
  }

  static ObjectCollection collection(List<String> versions, String labels, boolean metadataOnly) {
    return new ObjectCollection(
        versions, ObjectCollection.selector("labelSelector", labels), metadataOnly, false);
  }

  private ObjectMirror<PodRole> pods(Api api, String namespace, RoleLabel label) {
    Function<JsonNode, PodRole> reader = pod -> PodRole.read(pod, label.key());
    return new ObjectMirror<>(
        api.client(),
        api.failures(namespace, rights("pods")),
        collection(List.of("/api/v1" + in(namespace) + "/pods"), label.key(), true),
        reader,
        new News<>(
            "labels of Pods",
            all -> roles = byName(all),
            () -> roles = roles == null ? Map.of() : roles),
        LIMITS,
        watchTime);
  }

  /** Without the namespace, which is that of the Service. */
  private static Map<String, PodRole> byName(Map<String, PodRole> all) {
    Map<String, PodRole> named = new HashMap<>();
    all.forEach((key, role) -> named.put(key.substring(key.indexOf('/') + 1), role));
    return named;
  }

  /** The paths of the slices of a namespace; empty: of all. */
  static List<String> slicesIn(String namespace) {
    String rest = in(namespace) + "/endpointslices";
    return List.of("/apis/discovery.k8s.io/v1" + rest, "/apis/discovery.k8s.io/v1beta1" + rest);
  }

  private static String in(String namespace) {
    return namespace.isEmpty()
        ? ""
        : "/namespaces/" + URLEncoder.encode(namespace, StandardCharsets.UTF_8);
  }

  void end() {
    over = true;
    end.run();
  }

  private void tell() {
    if (over || slices == null || roles == null) {
      return;
    }
    endpoints.tell(slices.values(), roles);
  }

  /** Hears of changes in one of the two collections. */
  private final class News<T> implements ObjectMirror.Listener<T> {
    private final String what;
    private final Consumer<Map<String, T>> taker;
    private final Runnable unknown;

    News(String what, Consumer<Map<String, T>> taker, Runnable unknown) {
      this.what = what;
      this.taker = taker;
      this.unknown = unknown;
    }

    @Override
    public void has(Map<String, T> all) {
      taker.accept(all);
      tell();
    }

    @Override
    public void failed(RegisterException why, int before) {
      if (before == 0) {
        log.warn(
            "{}: the {} of Service {} cannot be read, so the last known ones stay in use: {}",
            template.id(),
            what,
            template.address().host(),
            why.getMessage());
      }
      unknown.run();
      tell();
    }

    @Override
    public void recovered() {
      log.info(
          "{}: the {} of Service {} can be read again",
          template.id(),
          what,
          template.address().host());
    }

    @Override
    public void unwatched(RegisterException why) {
      log.warn(
          "{}: the {} of Service {} cannot be watched, so they are listed from time to time: {}",
          template.id(),
          what,
          template.address().host(),
          why.getMessage());
    }
  }
}
