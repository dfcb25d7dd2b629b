package dev.understudy.discovery;

import dev.understudy.agreement.register.RegisterException;
import dev.understudy.kubernetes.ApiFailures;
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

  private static final List<String> SLICES =
      List.of(
          "/apis/discovery.k8s.io/v1/namespaces/%s/endpointslices",
          "/apis/discovery.k8s.io/v1beta1/namespaces/%s/endpointslices");

  private static final List<String> PODS = List.of("/api/v1/namespaces/%s/pods");
  private static final ObjectMirror.Limits LIMITS = new ObjectMirror.Limits(2_000, 64L << 20);
  private static final String SERVICE_NAME = "kubernetes.io/service-name";

  private final ServerTemplate template;
  private final Consumer<List<Endpoint>> found;
  private final ObjectMirror.WatchTime watchTime;
  private @Nullable Map<String, Slice> slices;
  private @Nullable Map<String, PodRole> roles;
  private @Nullable List<Endpoint> told;

  /** Of the endpoints that were told last. */
  private int port;

  private boolean portless;
  private boolean over;
  private Runnable end = () -> {};

  FollowedService(ServerTemplate template, Consumer<List<Endpoint>> found, Duration watchTime) {
    this.template = template;
    this.found = found;
    this.watchTime = new ObjectMirror.WatchTime(watchTime, false);
  }

  /** What a Role must allow, for people. */
  static String rights(String what) {
    return "get, list and watch " + what;
  }

  void begin(KubernetesEndpoints.Api api) {
    if (over) {
      return;
    }
    String[] name = template.address().host().split("\\.", 2);
    String namespace = name.length > 1 ? name[1] : api.settings().namespace();
    RoleLabel label = template.roleLabel();
    if (label == null) {
      roles = Map.of();
    }
    ObjectMirror<Slice> ofSlices =
        new ObjectMirror<>(
            api.client(),
            new ApiFailures(
                api.settings(), namespace, rights("endpointslices of discovery.k8s.io")),
            collection(in(namespace, SLICES), SERVICE_NAME + "=" + name[0], false),
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

  private static ObjectMirror.Collection collection(
      List<String> versions, String labels, boolean metadataOnly) {
    return new ObjectMirror.Collection(
        versions, ObjectMirror.Collection.selector("labelSelector", labels), metadataOnly, false);
  }

  private ObjectMirror<PodRole> pods(
      KubernetesEndpoints.Api api, String namespace, RoleLabel label) {
    Function<JsonNode, PodRole> reader = pod -> PodRole.read(pod, label.key());
    return new ObjectMirror<>(
        api.client(),
        new ApiFailures(api.settings(), namespace, rights("pods")),
        collection(in(namespace, PODS), label.key(), true),
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

  private static List<String> in(String namespace, List<String> paths) {
    return paths.stream().map(path -> path.formatted(encoded(namespace))).toList();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  void end() {
    over = true;
    end.run();
  }

  private void tell() {
    if (over || slices == null || roles == null) {
      return;
    }
    ServiceView view = ServiceView.of(slices.values(), template.port(), port, roles);
    if (view.portless() && !portless) {
      log.warn(
          "{}: the endpoints of Service {} have {}{}",
          template.id(),
          template.address().host(),
          template.port().isEmpty()
              ? "several ports, or none: name one in the url"
              : "no TCP port named " + template.port(),
          port == 0 ? "" : "; port " + port + " stays in use meanwhile");
    }
    portless = view.portless();
    if (!view.endpoints().equals(told)) {
      told = view.endpoints();
      port = told.isEmpty() ? port : told.getFirst().port();
      found.accept(told);
    }
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
