package dev.understudy.agreement.kubernetes;

import dev.understudy.agreement.http.AgreementLoop;
import dev.understudy.agreement.http.RegisterHttp.Response;
import dev.understudy.agreement.register.Register;
import dev.understudy.agreement.register.RegisterDocument;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterException;
import dev.understudy.agreement.register.RegisterException.Reason;
import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.agreement.register.RegisterListing;
import dev.understudy.kubernetes.ApiFailures;
import dev.understudy.kubernetes.Credentials;
import dev.understudy.kubernetes.EventPoster;
import dev.understudy.kubernetes.KubernetesClient;
import dev.understudy.kubernetes.KubernetesClient.Request;
import dev.understudy.kubernetes.KubernetesSettings;
import dev.understudy.kubernetes.ObjectEvent;
import dev.understudy.kubernetes.ObjectWatch;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;

/**
 * Register whose entries are the Leases {@code <name>-voter-<replica>} and {@code
 * <name>-pool-<pool>} in one namespace.
 *
 * <p>Lists and watches see Leases with our labels, {@link #get} any Lease of that name: one that
 * was made by hand, or lost its labels, can be read after a conflict and written anew.
 */
public final class KubernetesRegister implements Register {
  /** Interval at which the files of token and CA are read. */
  private static final Duration CREDENTIALS_INTERVAL = Duration.ofSeconds(5);

  private final KubernetesSettings settings;
  private final ApiFailures failures;
  private final KubernetesClient api;
  private final LeaseFormat format;
  private final EventPoster events;
  private final String leases;
  private final String selector;

  /**
   * Creates a register, which connects with the first call.
   *
   * @throws IllegalArgumentException if the file of the token or of the CA is unusable
   */
  public KubernetesRegister(KubernetesSettings settings) {
    this(settings, CREDENTIALS_INTERVAL);
  }

  KubernetesRegister(KubernetesSettings settings, Duration credentialsInterval) {
    this.settings = settings;
    this.failures =
        new ApiFailures(
            settings,
            settings.namespace(),
            "get, list, watch, create, patch and delete leases of coordination.k8s.io");
    this.api =
        new KubernetesClient(
            AgreementLoop.THREAD,
            settings,
            new Credentials(settings, credentialsInterval),
            failures);
    this.format = new LeaseFormat(settings);
    this.events = new EventPoster(api);
    this.leases =
        "/apis/coordination.k8s.io/v1/namespaces/" + encoded(settings.namespace()) + "/leases";
    this.selector =
        "labelSelector="
            + encoded(
                "%s=%s,%s=%s"
                    .formatted(
                        LeaseFormat.MANAGED_BY,
                        LeaseFormat.US,
                        LeaseFormat.INSTANCE,
                        settings.name()));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private String path(RegisterKey key) {
    return leases + "/" + encoded(format.leaseName(key));
  }

  @Override
  public String description() {
    return "Kubernetes API at " + settings.url() + ", namespace " + settings.namespace();
  }

  /** Sends no {@code resourceVersion}, which would allow a response from a cache. */
  @Override
  public CompletableFuture<RegisterListing> list() {
    return api.call(
        Request.get(leases + "?" + selector), response -> format.listing(json(response)));
  }

  @Override
  public CompletableFuture<Optional<RegisterEntry>> get(RegisterKey key) {
    return api.call(
        Request.get(path(key)),
        response -> isNotFound(response) ? Optional.empty() : Optional.of(entry(key, response)));
  }

  @Override
  public CompletableFuture<Long> compareAndSet(
      RegisterKey key, RegisterDocument document, long expected) {
    Request request =
        expected == 0
            ? Request.post(leases, format.creation(key, document))
            : Request.patch(path(key), format.replacement(key, document, expected));
    return api.call(
        request,
        response -> {
          if (expected != 0 && isNotFound(response)) {
            throw conflict(key);
          }
          return entry(key, response).revision();
        });
  }

  private RegisterException conflict(RegisterKey key) {
    return new RegisterException(
        Reason.CONFLICT, "Lease " + format.leaseName(key) + " is not there any more");
  }

  @Override
  public CompletableFuture<Void> delete(RegisterKey key, long expected) {
    return api.call(
            Request.delete(path(key), LeaseFormat.deletion(expected)),
            response -> {
              Response gone = isNotFound(response) ? response : success(response);
              format.gone(format.leaseName(key));
              return gone;
            })
        .thenAccept(gone -> {});
  }

  @Override
  public Watch watch(long revision, WatchListener listener) {
    ObjectWatch watch = new ObjectWatch(api, failures, new LeaseWatchListener(format, listener));
    watch.start(Request.get(leases + "?" + selector + "&" + LeaseWatchListener.query(revision)));
    return watch::close;
  }

  @Override
  public void announce(RegisterKey about, String reason, String message, boolean warning) {
    Instant now = Instant.now();
    api.execute(
        () ->
            events.post(
                new ObjectEvent(
                    about(format.leaseName(about)),
                    reason,
                    message,
                    warning,
                    settings.replica(),
                    now)));
  }

  private ObjectEvent.About about(String lease) {
    return new ObjectEvent.About(
        "coordination.k8s.io/v1", "Lease", settings.namespace(), lease, format.uid(lease));
  }

  @Override
  public void close() {
    api.close();
  }

  private static boolean isNotFound(Response response) {
    return response.status() == HttpResponseStatus.NOT_FOUND.code();
  }

  private RegisterEntry entry(RegisterKey key, Response response) {
    JsonNode lease = json(response);
    RegisterEntry entry = format.entry(lease);
    if (entry == null || !entry.key().equals(key)) {
      throw new IllegalArgumentException("it is not the Lease " + format.leaseName(key));
    }
    format.seen(lease);
    return entry;
  }

  private JsonNode json(Response response) {
    return LeaseFormat.JSON.readTree(success(response).body());
  }

  private Response success(Response response) {
    if (!response.isSuccess()) {
      throw failures.ofStatus(response);
    }
    return response;
  }
}
