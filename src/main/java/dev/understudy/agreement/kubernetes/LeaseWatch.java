package dev.understudy.agreement.kubernetes;

import dev.understudy.agreement.register.Register;
import dev.understudy.agreement.register.RegisterEntry;
import dev.understudy.agreement.register.RegisterException;
import dev.understudy.agreement.register.RegisterException.Reason;
import dev.understudy.agreement.register.RegisterKey;
import dev.understudy.text.Printable;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import tools.jackson.databind.JsonNode;

/**
 * One watch: a response with one JSON object in each line, which the API server ends after some
 * minutes.
 *
 * <p>It does not notice a connection that died silently: no bytes come while nothing changes, so a
 * time-out would tell nothing.
 */
final class LeaseWatch implements Register.Watch {
  private static final int SECONDS = 270;
  private static final int JITTER_SECONDS = 60;

  private final KubernetesClient api;
  private final LeaseFormat format;
  private final ApiFailures failures;
  private final KnownUids uids;
  private final Register.WatchListener listener;
  private @Nullable Disposable running;
  private volatile boolean over;

  LeaseWatch(
      KubernetesClient api,
      LeaseFormat format,
      ApiFailures failures,
      KnownUids uids,
      Register.WatchListener listener) {
    this.api = api;
    this.format = format;
    this.failures = failures;
    this.uids = uids;
    this.listener = listener;
  }

  /** Starts the watch; callable from any thread. */
  void start(String path) {
    if (!api.execute(() -> run(path))) {
      end(KubernetesClient.closedException());
    }
  }

  /** Query of a watch; ends after 270 to 330 s, at random, so that replicas do not end together. */
  static String query(long revision) {
    return "watch=true&allowWatchBookmarks=true&resourceVersion="
        + revision
        + "&timeoutSeconds="
        + (SECONDS + ThreadLocalRandom.current().nextInt(JITTER_SECONDS));
  }

  private void run(String path) {
    if (over) {
      return;
    }
    if (api.isClosed()) {
      end(KubernetesClient.closedException());
      return;
    }
    running = api.stream(path, events -> events.forEach(this::event), this::streamEnded);
  }

  private void streamEnded(@Nullable Throwable error) {
    end(
        error == null
            ? ApiFailures.unknownResult("the API server ended the watch", null)
            : failures.ofError(error));
  }

  private void end(RegisterException why) {
    if (!over) {
      over = true;
      stop();
      listener.ended(why);
    }
  }

  @Override
  public void close() {
    over = true;
    api.execute(this::stop);
  }

  private void stop() {
    if (running != null) {
      running.dispose();
    }
  }

  private void event(JsonNode event) {
    if (over) {
      return;
    }
    String type = event.path("type").asString("");
    JsonNode object = event.path("object");
    switch (type) {
      case "ADDED", "MODIFIED" -> changed(object);
      case "DELETED" -> deleted(object);
      case "BOOKMARK" -> listener.progress(LeaseFormat.revision(object));
      case "ERROR" -> throw failure(object);
      default ->
          throw new IllegalArgumentException(
              "a watch event of type \"" + Printable.oneLine(type, 40) + "\"");
    }
  }

  private void changed(JsonNode lease) {
    RegisterEntry entry = format.entry(lease);
    if (entry != null) {
      uids.put(entry.key(), lease);
      listener.changed(entry);
    }
  }

  private void deleted(JsonNode lease) {
    RegisterKey key = format.key(lease);
    if (key != null) {
      uids.remove(key);
      listener.deleted(key, LeaseFormat.revision(lease));
    }
  }

  private static RegisterException failure(JsonNode status) {
    int code = status.path("code").asInt(0);
    String message = ApiFailures.message(status.toString());
    return code == HttpResponseStatus.GONE.code()
        ? new RegisterException(Reason.GONE, message)
        : ApiFailures.unknownResult("the API server ended the watch: " + message, null);
  }
}
