package dev.understudy.kubernetes;

import dev.understudy.agreement.register.RegisterException;
import dev.understudy.agreement.register.RegisterException.Reason;
import dev.understudy.kubernetes.KubernetesClient.Request;
import dev.understudy.text.Printable;
import io.netty.handler.codec.http.HttpResponseStatus;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import tools.jackson.databind.JsonNode;

/**
 * One watch: a response with one JSON object in each line, which the API server ends after the time
 * that was asked for.
 *
 * <p>It does not notice a connection that died silently: no bytes come while nothing changes, so a
 * time-out would tell nothing.
 */
public final class ObjectWatch implements AutoCloseable {
  /** Told on the client's loop; what it throws ends the watch. */
  public interface Listener {
    /** An object was created, or changed. */
    void changed(JsonNode object);

    void deleted(JsonNode object);

    /** A bookmark: nothing before its revision is still to come. */
    default void progress(JsonNode bookmark) {}

    /** Called once, unless the watch is closed before, or has {@link #finished}. */
    void ended(RegisterException why);

    /** Called instead if the response has come to its proper end. */
    default void finished(RegisterException how) {
      ended(how);
    }
  }

  private final KubernetesClient api;
  private final ApiFailures failures;
  private final Listener listener;
  private @Nullable Disposable running;
  private volatile boolean over;

  public ObjectWatch(KubernetesClient api, ApiFailures failures, Listener listener) {
    this.api = api;
    this.failures = failures;
    this.listener = listener;
  }

  /** Starts the watch; callable from any thread. */
  public void start(Request request) {
    if (!api.execute(() -> run(request))) {
      end(KubernetesClient.closedException());
    }
  }

  /** The query for a watch of the changes after that revision. */
  public static String query(String revision, int seconds) {
    return "watch=true&allowWatchBookmarks=true&resourceVersion="
        + revision
        + "&timeoutSeconds="
        + seconds;
  }

  private void run(Request request) {
    if (over) {
      return;
    }
    if (api.isClosed()) {
      end(KubernetesClient.closedException());
      return;
    }
    running = api.stream(request, events -> events.forEach(this::event), this::streamEnded);
  }

  private void streamEnded(@Nullable Throwable error) {
    if (error != null) {
      end(failures.ofError(error));
    } else if (!over) {
      over = true;
      stop();
      listener.finished(ApiFailures.unknownResult("the API server ended the watch", null));
    }
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
      case "ADDED", "MODIFIED" -> listener.changed(object);
      case "DELETED" -> listener.deleted(object);
      case "BOOKMARK" -> listener.progress(object);
      case "ERROR" -> throw failure(object);
      default ->
          throw new IllegalArgumentException(
              "a watch event of type \"" + Printable.oneLine(type, 40) + "\"");
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
