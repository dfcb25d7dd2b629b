package dev.understudy.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.understudy.monitor.OperatorCommands;
import dev.understudy.pool.DnsLabel;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.PlannedSwitch;
import dev.understudy.switchover.SwitchRequest;
import dev.understudy.text.Words;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.ServerRequest;
import org.springframework.web.reactive.function.server.ServerResponse;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Handles requests for a change, which the monitor carries out. {@link AccessRules} has checked the
 * token already, and passes on its name.
 */
final class CommandEndpoints implements Endpoints {
  /** Within what the commands wait, and long enough for a machine that is short of CPU. */
  static final Duration TIMEOUT = Duration.ofSeconds(30);

  private static final String AUTO = "auto";

  /** Whether the server may be promoted however far its data is behind. */
  private static final String ACCEPT_LOSS = "acceptLoss";

  /** Whether the command is refused unless it is kept beyond a restart. */
  private static final String DURABLE = "durable";

  /** The longest time ahead of a planned switch, and of the end of a maintenance. */
  private static final Duration LATEST = Duration.ofDays(30);

  private static final Duration SHORTEST_MAINTENANCE = Duration.ofSeconds(1);

  /**
   * The response.
   *
   * @param changed false if the requested state was in force already
   * @param inMemoryOnly why a restart will not find it so; null if it will
   * @param pool the pool after the command
   */
  record Changed(boolean changed, @Nullable String inMemoryOnly, PoolDocument pool) {}

  /**
   * The response about a planned switch.
   *
   * @param inMemoryOnly as in {@link Changed}; absent for null
   */
  record ChangedSwitch(
      @JsonUnwrapped PlannedSwitchDocument planned,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String inMemoryOnly) {}

  private final OperatorCommands commands;
  private final StateEndpoints reads;

  CommandEndpoints(OperatorCommands commands, StateEndpoints reads) {
    this.commands = commands;
    this.reads = reads;
  }

  @Override
  public void addTo(Paths paths) {
    paths.operate(HttpMethod.PUT, "/api/pools/{pool}/servers/{server}/state", this::state);
    paths.operate(HttpMethod.PUT, "/api/pools/{pool}/state", this::poolState);
    paths.operate(HttpMethod.POST, "/api/pools/{pool}/switch", this::switchTo);
    paths.read(
        "/api/pools/{pool}/switch", request -> Json.ok(planned(StateEndpoints.poolOf(request))));
    paths.operate(HttpMethod.DELETE, "/api/pools/{pool}/switch", this::giveUp);
  }

  private Mono<ServerResponse> state(ServerRequest request, String token) {
    PoolId pool = StateEndpoints.poolOf(request);
    ServerId server = StateEndpoints.serverOf(request);
    return JsonBody.read(request, List.of("state", "force", DURABLE, JsonBody.REASON))
        .flatMap(
            body -> {
              OperatorState state = operatorState(body);
              boolean force = body.flag("force");
              Operator by = body.operator(token);
              return run(pool, of(body).setState(pool, server, state, force, by));
            });
  }

  private Mono<ServerResponse> poolState(ServerRequest request, String token) {
    PoolId pool = StateEndpoints.poolOf(request);
    return JsonBody.read(
            request, List.of("state", "until", "for", "allow", "force", DURABLE, JsonBody.REASON))
        .flatMap(
            body -> {
              PoolMaintenance next = maintenance(body, token);
              return run(pool, of(body).setState(pool, next, body.flag("force")));
            });
  }

  private PoolMaintenance maintenance(JsonBody body, String token) {
    String expected = "\"ready\" or \"maintenance\"";
    Operator by = body.operator(token);
    Instant now = reads.now();
    String state = body.text("state", expected);
    if (state.equals("maintenance")) {
      Instant until = body.time("until", now, LATEST);
      if (until == null) {
        Duration lasting = body.duration("for", Duration.ZERO, SHORTEST_MAINTENANCE, LATEST);
        until = lasting.isZero() ? null : now.plus(lasting);
      } else {
        body.requireAbsent(List.of("for"), "\"until\" is absent");
      }
      return new PoolMaintenance(true, now, until, body.networks("allow"), by);
    }
    if (!state.equals("ready")) {
      throw body.unexpected("state", expected);
    }
    body.requireAbsent(List.of("until", "for", "allow", "force"), "\"state\" is \"maintenance\"");
    return PoolMaintenance.ended(now, by);
  }

  private Mono<ServerResponse> switchTo(ServerRequest request, String token) {
    PoolId pool = StateEndpoints.poolOf(request);
    return JsonBody.read(
            request,
            List.of("to", "planned", "pause", "at", "force", ACCEPT_LOSS, DURABLE, JsonBody.REASON))
        .flatMap(
            body -> {
              Operator by = body.operator(token);
              if (body.flag("planned")) {
                SwitchRequest wanted = planned(body, by);
                return run(
                    of(body).planSwitch(pool, wanted),
                    done -> Json.accepted(new ChangedSwitch(planned(pool), done.inMemoryOnly())));
              }
              body.requireAbsent(List.of("pause", "at", "force"), "\"planned\" is true");
              return run(pool, of(body).switchTo(pool, target(body), body.flag(ACCEPT_LOSS), by));
            });
  }

  /** The commands as the request asks for them. */
  private OperatorCommands of(JsonBody body) {
    return body.flag(DURABLE) ? commands.durably() : commands;
  }

  private SwitchRequest planned(JsonBody body, Operator by) {
    ServerId to = target(body);
    if (to == null) {
      throw body.unexpected("to", "the name of a server");
    }
    Duration pause =
        body.duration(
            "pause",
            SwitchRequest.DEFAULT_PAUSE,
            SwitchRequest.SHORTEST_PAUSE,
            SwitchRequest.LONGEST_PAUSE);
    Instant at = body.time("at", reads.now(), LATEST);
    SwitchRequest request = new SwitchRequest(to, pause, body.flag("force"), at, by);
    return body.flag(ACCEPT_LOSS) ? request.acceptingLoss() : request;
  }

  /** The present or last planned switch of a pool; fails with 404 if there was none. */
  private PlannedSwitchDocument planned(PoolId pool) {
    PlannedSwitch planned = reads.state(pool).planned();
    if (planned == null) {
      throw new ProblemDocument(
          HttpStatus.NOT_FOUND, "Pool " + pool + " has had no planned switch yet.");
    }
    return PlannedSwitchDocument.of(pool, planned);
  }

  private Mono<ServerResponse> giveUp(ServerRequest request, String token) {
    PoolId pool = StateEndpoints.poolOf(request);
    var unused = planned(pool);
    return run(
        commands.giveUpSwitch(pool, new Operator(token, null)),
        done -> Json.ok(new ChangedSwitch(planned(pool), done.inMemoryOnly())));
  }

  private static OperatorState operatorState(JsonBody body) {
    String expected = "\"ready\", \"drain\" or \"maintenance\"";
    String word = body.text("state", expected);
    for (OperatorState state : OperatorState.values()) {
      if (Words.lower(state).equals(word)) {
        return state;
      }
    }
    throw body.unexpected("state", expected);
  }

  private static @Nullable ServerId target(JsonBody body) {
    String expected = "the name of a server, or \"auto\"";
    String name = body.text("to", expected);
    if (name.equals(AUTO)) {
      return null;
    }
    if (!DnsLabel.isValid(name)) {
      throw body.unexpected("to", expected);
    }
    return new ServerId(name);
  }

  private Mono<ServerResponse> run(PoolId pool, CompletionStage<OperatorCommands.Result> command) {
    return run(
        command,
        done -> Json.ok(new Changed(done.changed(), done.inMemoryOnly(), reads.document(pool))));
  }

  /** A change that may have been made, or may be yet; what, as a sentence without its point. */
  private static ProblemDocument notKnown(String what) {
    return new ProblemDocument(
        HttpStatus.GATEWAY_TIMEOUT,
        what
            + ". It may have been made, or may be yet: look at the pool, as with understudy status,"
            + " before you ask again.");
  }

  private static Mono<ServerResponse> run(
      CompletionStage<OperatorCommands.Result> command,
      Function<OperatorCommands.Result.Done, Mono<ServerResponse>> response) {
    return Mono.fromCompletionStage(command)
        .timeout(TIMEOUT)
        // The monitor completes the command, and has better to do than to make a document.
        .publishOn(Schedulers.boundedElastic())
        .onErrorMap(
            TimeoutException.class,
            e ->
                notKnown(
                    "It is not known whether the change was made: it took longer than "
                        + TIMEOUT.toSeconds()
                        + " s"))
        .flatMap(result -> response(result, response));
  }

  private static Mono<ServerResponse> response(
      OperatorCommands.Result result,
      Function<OperatorCommands.Result.Done, Mono<ServerResponse>> whenDone) {
    return switch (result) {
      case OperatorCommands.Result.Done done -> whenDone.apply(done);
      case OperatorCommands.Result.Unknown unknown ->
          Mono.error(new ProblemDocument(HttpStatus.NOT_FOUND, unknown.why()));
      case OperatorCommands.Result.Conflict conflict ->
          Mono.error(new ProblemDocument(HttpStatus.CONFLICT, conflict.why()));
      case OperatorCommands.Result.Unavailable unavailable ->
          Mono.error(
              new ProblemDocument(
                  HttpStatus.SERVICE_UNAVAILABLE,
                  "Nothing was changed: " + unavailable.why() + "."));
      case OperatorCommands.Result.NotKnown open ->
          Mono.error(notKnown("It is not known whether the change was made: " + open.why()));
    };
  }
}
