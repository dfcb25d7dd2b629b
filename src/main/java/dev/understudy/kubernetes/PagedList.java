package dev.understudy.kubernetes;

import dev.understudy.agreement.http.RegisterHttp.Response;
import dev.understudy.agreement.register.RegisterException;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.BiConsumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One list of a collection, in pages, one version after the other. On the client's loop alone. */
final class PagedList {
  /** Hears of the list. */
  interface Listener {
    /**
     * A page.
     *
     * @return whether further pages are of use
     */
    boolean page(JsonNode page);

    /** That was the last page that was asked for. */
    void complete(String revision);

    /** The API has none of the versions. */
    void missing();

    void failed(RegisterException failure);
  }

  private final KubernetesClient api;
  private final ApiFailures failures;
  private final ObjectCollection of;
  private final int size;
  private final Listener listener;
  private int version;

  /**
   * @param size the most objects of a page
   */
  PagedList(
      KubernetesClient api,
      ApiFailures failures,
      ObjectCollection of,
      int size,
      Listener listener) {
    this.api = api;
    this.failures = failures;
    this.of = of;
    this.size = size;
    this.listener = listener;
  }

  /** The index of the version that the API has, once the list is complete. */
  int version() {
    return version;
  }

  void begin() {
    ask("");
  }

  /**
   * Asks for a page.
   *
   * @param next the API's word for where it begins; empty for the first
   */
  private void ask(String next) {
    String query = "limit=" + size;
    if (!next.isEmpty()) {
      query += "&continue=" + URLEncoder.encode(next, StandardCharsets.UTF_8);
    }
    BiConsumer<Optional<JsonNode>, Throwable> then =
        (page, failure) -> {
          if (failure == null) {
            after(page);
          } else {
            listener.failed(failures.ofError(failure));
          }
        };
    var unused =
        api.call(of.request(version, query, true), this::page)
            .whenComplete((page, failure) -> api.execute(() -> then.accept(page, failure)));
  }

  /** The page; empty if the API has no such version. */
  private Optional<JsonNode> page(Response response) {
    boolean last = version == of.versions().size() - 1;
    if (response.status() == HttpResponseStatus.NOT_FOUND.code() && (!last || of.optional())) {
      return Optional.empty();
    }
    if (!response.isSuccess()) {
      throw failures.ofStatus(response);
    }
    return Optional.of(JsonMapper.shared().readTree(response.body()));
  }

  private void after(Optional<JsonNode> page) {
    if (page.isPresent()) {
      took(page.get());
    } else if (version + 1 < of.versions().size()) {
      version++;
      begin();
    } else {
      listener.missing();
    }
  }

  private void took(JsonNode page) {
    String revision = revision(page);
    if (revision.isEmpty()) {
      listener.failed(failures.ofError(new IllegalArgumentException("no resourceVersion")));
      return;
    }
    String next = page.path("metadata").path("continue").asString("");
    if (listener.page(page) && !next.isEmpty()) {
      ask(next);
    } else {
      listener.complete(revision);
    }
  }

  /** The revision of a list or an object, if it is one that can be asked for; else empty. */
  static String revision(JsonNode object) {
    String text = object.path("metadata").path("resourceVersion").asString("");
    return text.chars().allMatch(Character::isLetterOrDigit) ? text : "";
  }
}
