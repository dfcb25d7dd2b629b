package dev.understudy.admin;

import dev.understudy.event.EventLog;
import dev.understudy.failover.SwitchReason;
import dev.understudy.pool.DnsLabel;
import dev.understudy.pool.Hook;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.snapshot.PoolState;
import dev.understudy.snapshot.ServerState;
import dev.understudy.snapshot.Snapshot;
import dev.understudy.snapshot.SnapshotSource;
import dev.understudy.switchover.HookCall;
import dev.understudy.text.Suggestions;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;

/** Handles requests for the state of pools, routes, file and agreement. */
final class StateEndpoints implements Endpoints {
  /**
   * The response of {@code GET /api/pools}.
   *
   * @param replica as {@link ReplicaInfo#name} describes; null if there is none
   * @param now the time of the document, by the same clock as its other times
   * @param pools sorted by name
   */
  record Pools(@Nullable String replica, Instant now, List<PoolDocument> pools) {}

  private final SnapshotSource snapshots;
  private final EventLog events;
  private final ConfigurationStatus configuration;
  private final ReplicaInfo replica;
  private final DocumentThreads threads;

  StateEndpoints(
      SnapshotSource snapshots,
      EventLog events,
      ConfigurationStatus configuration,
      ReplicaInfo replica,
      DocumentThreads threads) {
    this.snapshots = snapshots;
    this.events = events;
    this.configuration = configuration;
    this.replica = replica;
    this.threads = threads;
  }

  @Override
  public void addTo(Paths paths) {
    paths.read("/api/pools", request -> threads.make(request, this::pools));
    paths.read("/api/pools/{pool}", request -> threads.make(request, () -> pool(request)));
    paths.read("/api/pools/{pool}/servers/{server}/hooks/{hook}", this::hook);
    paths.read("/api/routes", request -> threads.make(request, () -> routes(request)));
    paths.read("/api/agreement", request -> agreement());
    paths.read("/api/config", request -> configuration());
  }

  private Mono<ServerResponse> pools() {
    Evidence evidence = Evidence.from(events, null);
    Instant now = snapshots.wall();
    List<PoolDocument> pools =
        snapshots.current().pools().stream()
            .map(state -> PoolDocument.of(state, evidence, snapshots))
            .sorted(Comparator.comparing(PoolDocument::name))
            .toList();
    return Json.ok(new Pools(replica.name(), now, pools));
  }

  private Mono<ServerResponse> pool(ServerRequest request) {
    return Json.ok(document(poolOf(request)));
  }

  /** Responds with what a call of a hook would send or start, if the role moved now. */
  private Mono<ServerResponse> hook(ServerRequest request) {
    PoolState state = state(poolOf(request));
    ServerState server = state.server(serverOf(request));
    String name = request.pathVariable("hook");
    boolean promote = name.equals("promote");
    if (server == null) {
      throw new ProblemDocument(
          HttpStatus.NOT_FOUND,
          "There is no server " + serverOf(request) + " in pool " + state.pool().id() + ".");
    }
    if ((!promote && !name.equals("demote"))
        || state.pool().settings().hooks().of(promote) == null) {
      throw new ProblemDocument(
          HttpStatus.NOT_FOUND,
          "Pool " + state.pool().id() + " has no hook '" + shortened(name) + "'.");
    }
    ServerId id = server.server().id();
    ServerId other = otherThan(id, state);
    return Json.ok(
        replica.hook(
            new HookCall(
                state.pool(),
                promote,
                server.server(),
                promote ? other : id,
                promote ? id : other,
                state.epoch() + 1,
                Instant.EPOCH,
                SwitchReason.OPERATOR,
                "a try",
                null,
                false,
                false,
                Hook.LONGEST)));
  }

  /** The serving server, or in its place the one that would take over; null if there is none. */
  private static @Nullable ServerId otherThan(ServerId id, PoolState state) {
    return state.servers().stream()
        .filter(each -> !each.server().id().equals(id))
        .min(
            Comparator.comparing((ServerState each) -> !state.isServing(each.server().id()))
                .thenComparing(each -> !each.usable())
                .thenComparing(each -> each.server().rank()))
        .map(each -> each.server().id())
        .orElse(null);
  }

  private Mono<ServerResponse> configuration() {
    return Json.ok(configuration.document());
  }

  /**
   * Responds with all routes, or, with {@code part=rates}, with the requests per second of those
   * that have any: routes are many and change with the file alone.
   */
  private Mono<ServerResponse> routes(ServerRequest request) {
    String part = request.queryParam("part").orElse("all");
    return switch (part) {
      case "all" -> Json.ok(replica.routes());
      case "rates" -> Json.compact(replica.routeRates());
      default -> throw ProblemDocument.unexpected("part", "all or rates", part);
    };
  }

  private Mono<ServerResponse> agreement() {
    return Json.ok(
        AgreementDocument.of(replica.agreementMode(), replica.agreement(), snapshots.wall()));
  }

  /** A pool's newest state; fails with a {@link ProblemDocument}, 404, if there is none. */
  PoolState state(PoolId pool) {
    return requirePool(pool, snapshots.current());
  }

  /** The present, by the clock of all documents. */
  Instant now() {
    return snapshots.wall();
  }

  PoolDocument document(PoolId pool) {
    PoolState state = state(pool);
    return PoolDocument.of(state, Evidence.from(events, pool), snapshots);
  }

  /** The pool's state; fails with a {@link ProblemDocument}, 404, if there is none. */
  static PoolState requirePool(PoolId pool, Snapshot snapshot) {
    PoolState state = snapshot.pool(pool);
    if (state == null) {
      throw unknownPool(pool.value(), snapshot);
    }
    return state;
  }

  static PoolId poolOf(ServerRequest request) {
    String name = request.pathVariable("pool");
    if (!PoolId.isValid(name)) {
      throw unknownPool(name, Snapshot.EMPTY);
    }
    return new PoolId(name);
  }

  static ServerId serverOf(ServerRequest request) {
    String name = request.pathVariable("server");
    if (!DnsLabel.isValid(name)) {
      throw new ProblemDocument(
          HttpStatus.NOT_FOUND, "There is no server '" + shortened(name) + "'.");
    }
    return new ServerId(name);
  }

  /** The query's {@code pool}; null if absent. */
  static @Nullable PoolId poolParameter(ServerRequest request) {
    String name = request.queryParam("pool").orElse(null);
    if (name == null) {
      return null;
    }
    if (!PoolId.isValid(name)) {
      throw ProblemDocument.unexpected("pool", "the name of a pool", name);
    }
    return new PoolId(name);
  }

  static ProblemDocument unknownPool(String name, Snapshot snapshot) {
    List<String> known = snapshot.pools().stream().map(each -> each.pool().id().value()).toList();
    return new ProblemDocument(
        HttpStatus.NOT_FOUND,
        Suggestions.asked("There is no pool '" + shortened(name) + "'", name, known));
  }

  /** A client's text, cut to 60 characters for display. */
  static String shortened(String text) {
    return text.length() <= 60 ? text : text.substring(0, 60) + "…";
  }
}
