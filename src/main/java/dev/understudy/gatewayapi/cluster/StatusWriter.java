package dev.understudy.gatewayapi.cluster;

import dev.understudy.agreement.http.RegisterHttp.Response;
import dev.understudy.agreement.register.RegisterException;
import dev.understudy.gatewayapi.object.ClusterObject;
import dev.understudy.gatewayapi.object.ClusterObjects;
import dev.understudy.gatewayapi.object.Meta;
import dev.understudy.gatewayapi.object.ObjectKind;
import dev.understudy.gatewayapi.translate.ObjectId;
import dev.understudy.gatewayapi.translate.Report;
import dev.understudy.kubernetes.ApiFailures;
import dev.understudy.kubernetes.ApiOpening.Api;
import dev.understudy.kubernetes.KubernetesClient.Request;
import dev.understudy.pool.PoolId;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes the status of objects, while this replica leads. An object is looked at when its report or
 * the object itself changed, and written if its status says something else. At most {@value
 * #PER_SECOND} writes a second begin, one at a time for each object. On the client's loop alone.
 *
 * <table>
 * <caption>What becomes of a write</caption>
 * <tr><th>the API says<th>then
 * <tr><td>it is written<td>waits for the object as it is now
 * <tr><td>written, but some of it is left out, as by an older CRD<td>the same is not written again
 * <tr><td>the object has changed (409), or is gone (404)<td>waits for a newer object
 * <tr><td>403<td>no write of that kind for a minute; told once until one succeeds
 * <tr><td>another refusal<td>told; the same is not written again
 * <tr><td>an error (5xx)<td>no write of that object for 1 s, after further failures for up to 30 s,
 *     or as long as the API asks for
 * <tr><td>429 or nothing<td>no write at all for as long
 * </table>
 */
final class StatusWriter {
  private static final Logger log = LoggerFactory.getLogger(StatusWriter.class);

  static final int PER_SECOND = 20;

  private static final Duration SPACING = Duration.ofMillis(1_000 / PER_SECOND);
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration FORBIDDEN = Duration.ofMinutes(1);

  /** What is known of one object. */
  private static final class Track {
    Report report;

    /** Of the object that the report is of. */
    long generation;

    /** The revision that a newer object is waited for; empty if none is. */
    String outdated = "";

    /** What was sent last, without times, and the status that came of it. */
    @Nullable JsonNode sent;

    final WriteBackoff backoff = new WriteBackoff();

    JsonNode came = JsonMapper.shared().missingNode();

    Track(Report report, long generation) {
      this.report = report;
      this.generation = generation;
    }
  }

  /** One write. */
  private record Write(ObjectId id, Track track, Meta meta, ObjectNode status) {}

  /**
   * What the API said.
   *
   * @param object as it is now, if it was written
   */
  private record Answer(Response response, JsonNode object) {
    static Answer of(Response response) {
      return new Answer(
          response,
          response.isSuccess()
              ? JsonMapper.shared().readTree(response.body())
              : JsonMapper.shared().missingNode());
    }
  }

  private final Api api;
  private final ApiFailures failures;
  private final String controller;
  private final BooleanSupplier leading;
  private final Function<ObjectId, @Nullable ClusterObject> objects;
  private final Map<ObjectId, Track> tracks = new HashMap<>();
  private final Set<ObjectId> due = new LinkedHashSet<>();
  private final Set<ObjectId> inFlight = new HashSet<>();
  private final Map<ObjectKind, Long> forbidden = new EnumMap<>(ObjectKind.class);
  private final Set<ObjectKind> toldForbidden = new HashSet<>();
  private final Set<ObjectKind> toldErrors = new HashSet<>();
  private final WriteBackoff backoff = new WriteBackoff();
  private Map<PoolId, ServingState> serving = Map.of();
  private long next = System.nanoTime();
  private boolean led;
  private Runnable timer = () -> {};
  private Runnable tick = () -> {};

  /**
   * @param controller our name
   * @param objects as they were last seen
   */
  StatusWriter(
      Api api,
      String controller,
      BooleanSupplier leading,
      Function<ObjectId, @Nullable ClusterObject> objects) {
    this.api = api;
    this.failures = api.failures("", "");
    this.controller = controller;
    this.leading = leading;
    this.objects = objects;
  }

  void begin() {
    write();
    tick = api.client().later(TICK, this::begin);
  }

  void close() {
    tick.run();
    timer.run();
  }

  /**
   * Takes the newest reports in the place of all earlier ones.
   *
   * @param of what the reports follow from
   */
  void report(ClusterObjects of, Map<ObjectId, Report> reports) {
    tracks.keySet().removeIf(id -> !reports.containsKey(id) && !inFlight.contains(id));
    reports.forEach(
        (id, report) -> {
          ClusterObject object = of.get(id.kind(), id.key(), ClusterObject.class);
          if (object != null) {
            track(id, report, object.meta().generation());
          }
        });
    for (ObjectKind kind : ObjectKind.values()) {
      if (ApiPaths.hasStatus(kind)) {
        of.all(kind, ClusterObject.class).forEach(each -> reportLeft(each, reports));
      }
    }
    write();
  }

  /** Has the entries removed that are ours on an object that is not any more. */
  private void reportLeft(ClusterObject object, Map<ObjectId, Report> reports) {
    ObjectId id = ObjectId.of(object);
    if (!reports.containsKey(id) && StatusDocument.isIn(object.meta().status(), controller)) {
      track(
          id,
          object.kind() == ObjectKind.BACKEND_TLS_POLICY
              ? new Report.OfBackendTls(List.of())
              : new Report.OfRoute(List.of()),
          object.meta().generation());
    }
  }

  private void track(ObjectId id, Report report, long generation) {
    Track track = tracks.computeIfAbsent(id, each -> new Track(report, generation));
    track.report = report;
    track.generation = generation;
    due.add(id);
  }

  /** Takes the states of pools in the place of all earlier ones. */
  void serving(Map<PoolId, ServingState> states) {
    Map<PoolId, ServingState> before = serving;
    serving = Map.copyOf(states);
    tracks.forEach(
        (id, track) -> {
          PoolId pool = pool(track.report);
          if (pool != null && !Objects.equals(before.get(pool), serving.get(pool))) {
            due.add(id);
          }
        });
    write();
  }

  /** The pool whose state a status shows; null for none. */
  private static @Nullable PoolId pool(Report report) {
    return report instanceof Report.OfFailover of ? of.pool() : null;
  }

  /** The policies whose pool that is, as they were last seen. */
  List<Meta> policiesOf(PoolId pool) {
    return tracks.entrySet().stream()
        .filter(each -> pool.equals(pool(each.getValue().report)))
        .flatMap(each -> Stream.ofNullable(objects.apply(each.getKey())))
        .map(ClusterObject::meta)
        .toList();
  }

  /** The object is another one than before. */
  void observed(ObjectId id) {
    if (tracks.containsKey(id)) {
      due.add(id);
      write();
    }
  }

  /** Begins the writes that are due now. */
  private void write() {
    boolean leads = leading.getAsBoolean();
    if (leads && !led) {
      due.addAll(tracks.keySet());
    }
    led = leads;
    timer.run();
    if (!leads) {
      due.clear();
      return;
    }
    for (ObjectId id : List.copyOf(due)) {
      long rest = Math.max(next - System.nanoTime(), backoff.rest());
      if (rest > 0) {
        timer = api.client().later(Duration.ofNanos(rest).plusMillis(1), this::write);
        return;
      }
      if (!inFlight.contains(id) && isAllowed(id.kind()) && !isWaiting(id)) {
        due.remove(id);
        Write write = write(id);
        if (write != null) {
          next = System.nanoTime() + SPACING.toNanos();
          send(write);
        }
      }
    }
  }

  private boolean isWaiting(ObjectId id) {
    Track track = tracks.get(id);
    return track != null && track.backoff.rest() > 0;
  }

  private boolean isAllowed(ObjectKind kind) {
    Long until = forbidden.get(kind);
    return until == null || until - System.nanoTime() <= 0;
  }

  /** What is to be written of an object; null if nothing is, for now. */
  private @Nullable Write write(ObjectId id) {
    Track track = tracks.get(id);
    ClusterObject object = objects.apply(id);
    if (track == null || object == null) {
      return null;
    }
    Meta meta = object.meta();
    // A newer spec brings a report of its own.
    if (meta.generation() > track.generation || meta.revision().equals(track.outdated)) {
      return null;
    }
    Optional<ObjectNode> status =
        new StatusDocument(meta.status(), track.generation, Instant.now(), controller)
            .of(track.report, state(track.report));
    if (status.isEmpty()
        || (StatusDocument.withoutTimes(status.get()).equals(track.sent)
            && meta.status().equals(track.came))) {
      return null;
    }
    return new Write(id, track, meta, status.get());
  }

  private @Nullable ServingState state(Report report) {
    PoolId pool = pool(report);
    return pool == null ? null : serving.get(pool);
  }

  private void send(Write write) {
    ObjectNode patch = JsonMapper.shared().createObjectNode();
    patch.putObject("metadata").put("resourceVersion", write.meta().revision());
    patch.set("status", write.status());
    inFlight.add(write.id());
    var unused =
        api.client()
            .call(Request.merge(ApiPaths.status(write.id()), patch.toString()), Answer::of)
            .whenComplete(
                (answer, failure) ->
                    api.client()
                        .execute(
                            () -> {
                              inFlight.remove(write.id());
                              if (failure == null) {
                                responded(write, answer.response(), answer.object());
                              } else {
                                failed(write, failures.ofError(failure));
                              }
                              write();
                            }));
  }

  private void responded(Write write, Response response, JsonNode object) {
    switch (response.status()) {
      case 404, 409 -> write.track().outdated = write.meta().revision();
      case 403 -> forbidden(write, response);
      case 429 -> failed(write, failures.ofStatus(response));
      default -> {
        if (response.isSuccess()) {
          written(write, object);
        } else if (response.status() >= 500) {
          failedAlone(write, failures.ofStatus(response));
        } else {
          log.warn(
              "Gateway API: the status of {} {} is refused: {}",
              write.id().kind().kind(),
              write.id().key(),
              failures.ofStatus(response).getMessage());
          came(write, write.meta().status());
        }
      }
    }
  }

  private void written(Write write, JsonNode object) {
    backoff.succeeded();
    toldForbidden.remove(write.id().kind());
    toldErrors.remove(write.id().kind());
    came(write, object.path("status"));
    String now = object.path("metadata").path("resourceVersion").asString("");
    if (!now.equals(write.meta().revision())) {
      write.track().outdated = write.meta().revision();
    }
    // The object may have come before this response, or its report may have changed.
    due.add(write.id());
  }

  private static void came(Write write, JsonNode status) {
    write.track().sent = StatusDocument.withoutTimes(write.status());
    write.track().came = status;
    write.track().backoff.succeeded();
  }

  private void forbidden(Write write, Response response) {
    ObjectKind kind = write.id().kind();
    forbidden.put(kind, System.nanoTime() + FORBIDDEN.toNanos());
    due.add(write.id());
    if (toldForbidden.add(kind)) {
      String rights = "patch %s/status of %s".formatted(kind.plural(), kind.group());
      log.warn(
          "Gateway API: the status of no {} can be written: {}",
          kind.kind(),
          api.failures("", rights).ofStatus(response).getMessage());
    }
  }

  private void failed(Write write, RegisterException why) {
    if (!backoff.isFailing()) {
      log.warn("Gateway API: status cannot be written for now: {}", why.getMessage());
    }
    backoff.failed(why);
    due.add(write.id());
  }

  private void failedAlone(Write write, RegisterException why) {
    WriteBackoff ofObject = write.track().backoff;
    if (!ofObject.isFailing() && toldErrors.add(write.id().kind())) {
      log.warn(
          "Gateway API: the status of {} {} cannot be written for now: {}",
          write.id().kind().kind(),
          write.id().key(),
          why.getMessage());
    }
    ofObject.failed(why);
    due.add(write.id());
  }
}
