package dev.understudy.discovery;

import dev.understudy.agreement.http.RegisterHttp.Response;
import dev.understudy.agreement.register.RegisterException;
import dev.understudy.kubernetes.ApiFailures;
import dev.understudy.kubernetes.KubernetesClient;
import dev.understudy.kubernetes.KubernetesClient.Request;
import dev.understudy.kubernetes.ObjectWatch;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a collection of the API has, by names. On the client's loop alone.
 *
 * <table>
 * <caption>Transitions</caption>
 * <tr><th>now<th>news<th>then
 * <tr><td>lists<td>the list<td>watches what follows it; tells
 * <tr><td>lists<td>the API has no such version<td>lists in the next one
 * <tr><td>lists<td>failed<td>lists again in 1 s, after further failures in up to 30 s, or when the
 *     API asks for it; what was told stays
 * <tr><td>watches<td>an object came, changed or went<td>tells
 * <tr><td>watches<td>ended or lost, or its revision is gone (410)<td>lists in 1 s; in up to 30 s
 *     after watches that told nothing, or when the API asks for it
 * <tr><td>watches<td>for a minute<td>lists at once, as the connection may have died silently; the
 *     watch goes on until the list is there
 * <tr><td>watches and lists<td>an object came, changed or went<td>tells; the list may be older, and
 *     is dropped: lists again in 1 s
 * </table>
 */
final class Mirror<T> {
  /** How a collection is found. */
  record Collection(List<String> versions, String selector, boolean metadataOnly) {}

  /** Hears of each change. */
  interface Listener<T> {
    /** All objects, at first and after each change. */
    void has(Map<String, T> all);

    /** The list failed; told once until it succeeds. */
    void failed(String why);

    /** The list succeeded after a failure that was told. */
    void recovered();

    /** Two watches in turn ended before they told anything; told once until one does. */
    void unwatched(String why);
  }

  static final int MAX_OBJECTS = 2_000;

  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

  private final KubernetesClient api;
  private final ApiFailures failures;
  private final Collection of;
  private final Function<JsonNode, T> reader;
  private final Listener<T> listener;
  private final Duration watchTime;
  private final Map<String, T> objects = new HashMap<>();
  private int version;
  private int failed;
  private int failedWatches;
  private boolean closed;
  private boolean listing;

  /** Whether the watch told something since the list was asked for. */
  private boolean told;

  private @Nullable ObjectWatch watch;
  private Runnable timer = () -> {};

  /**
   * @param reader reads an object; what it throws is a failure
   * @param watchTime time of a watch before the next list
   */
  Mirror(
      KubernetesClient api,
      ApiFailures failures,
      Collection of,
      Function<JsonNode, T> reader,
      Listener<T> listener,
      Duration watchTime) {
    this.api = api;
    this.failures = failures;
    this.of = of;
    this.reader = reader;
    this.listener = listener;
    this.watchTime = watchTime;
  }

  void begin() {
    if (closed || listing) {
      return;
    }
    timer.run();
    listing = true;
    told = false;
    var unused =
        api.call(request(""), this::listed)
            .whenComplete(
                (list, failure) ->
                    api.execute(
                        () -> {
                          listing = false;
                          if (failure == null) {
                            after(list);
                          } else {
                            listFailed(failures.ofError(failure));
                          }
                        }));
  }

  void close() {
    closed = true;
    timer.run();
    endWatch();
  }

  private void endWatch() {
    if (watch != null) {
      watch.close();
      watch = null;
    }
  }

  private Request request(String query) {
    String path = of.versions().get(version) + "?labelSelector=" + of.selector();
    Request request = Request.get(query.isEmpty() ? path : path + "&" + query);
    return of.metadataOnly() ? request.ofMetadata(query.isEmpty()) : request;
  }

  /** The list; empty if the API has no such version. */
  private Optional<JsonNode> listed(Response response) {
    boolean last = version == of.versions().size() - 1;
    if (response.status() == HttpResponseStatus.NOT_FOUND.code() && !last) {
      return Optional.empty();
    }
    if (!response.isSuccess()) {
      throw failures.ofStatus(response);
    }
    return Optional.of(JsonMapper.shared().readTree(response.body()));
  }

  private void after(Optional<JsonNode> list) {
    if (closed) {
      return;
    }
    if (list.isEmpty()) {
      version++;
      begin();
      return;
    }
    try {
      take(list.get());
    } catch (IllegalArgumentException e) {
      listFailed(failures.ofError(e));
    }
  }

  private void listFailed(RegisterException failure) {
    if (closed) {
      return;
    }
    version = 0;
    if (failed == 0) {
      listener.failed(String.valueOf(failure.getMessage()));
    }
    listAgain(pause(failed++, failure));
  }

  /**
   * Time until the next list.
   *
   * @param before failures in turn before this one
   */
  static Duration pause(int before, RegisterException failure) {
    Duration asked = failure.retryAfter();
    Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(before, 5));
    pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    return asked != null && asked.compareTo(pause) > 0 ? asked : pause;
  }

  private void take(JsonNode list) {
    String revision = list.path("metadata").path("resourceVersion").asString("");
    if (revision.isEmpty() || !revision.chars().allMatch(Character::isLetterOrDigit)) {
      throw new IllegalArgumentException("no resourceVersion");
    }
    Map<String, T> read = new HashMap<>();
    for (JsonNode each : list.path("items")) {
      if (read.size() < MAX_OBJECTS) {
        read.put(name(each), reader.apply(each));
      }
    }
    if (failed > 0) {
      failed = 0;
      listener.recovered();
    }
    if (told) {
      listAgain(FIRST_PAUSE);
      return;
    }
    objects.clear();
    objects.putAll(read);
    listener.has(objects);
    endWatch();
    watch = new ObjectWatch(api, failures, new Changes());
    // The other end ends it if this one is not there any more; lists may fail for as long.
    watch.start(request(ObjectWatch.query(revision, 2 * (int) watchTime.toSeconds() + 10)));
    next(watchTime, this::watched);
  }

  private void watched() {
    failedWatches = 0;
    begin();
  }

  private static String name(JsonNode object) {
    return object.path("metadata").path("name").asString("");
  }

  /** Up to a second, so that replicas do not list together. */
  private static Duration jitter() {
    return Duration.ofMillis(ThreadLocalRandom.current().nextInt(1_000));
  }

  private void listAgain(Duration pause) {
    next(pause, this::begin);
  }

  private void next(Duration pause, Runnable task) {
    timer.run();
    timer = api.later(pause.plus(jitter()), task);
  }

  private final class Changes implements ObjectWatch.Listener {
    @Override
    public void changed(JsonNode object) {
      failedWatches = 0;
      told = true;
      String name = name(object);
      if (objects.containsKey(name) || objects.size() < MAX_OBJECTS) {
        objects.put(name, reader.apply(object));
        listener.has(objects);
      }
    }

    @Override
    public void deleted(JsonNode object) {
      failedWatches = 0;
      told = true;
      if (objects.remove(name(object)) != null) {
        listener.has(objects);
      }
    }

    @Override
    public void ended(RegisterException why) {
      watch = null;
      if (closed) {
        return;
      }
      if (failedWatches == 1) {
        listener.unwatched(String.valueOf(why.getMessage()));
      }
      Duration pause = pause(failedWatches++, why);
      if (failed == 0) {
        listAgain(pause);
      }
    }
  }
}
