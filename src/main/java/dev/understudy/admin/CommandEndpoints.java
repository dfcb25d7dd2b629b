package dev.understudy.admin;

import dev.understudy.monitor.OperatorCommands;
import dev.understudy.pool.DnsLabel;
import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.ServerId;
import dev.understudy.text.Words;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
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
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final String AUTO = "auto";

  /**
   * The response.
   *
   * @param changed false if the requested state was in force already
   * @param pool the pool after the command
   */
  record Changed(boolean changed, PoolDocument pool) {}

  private final OperatorCommands commands;
  private final StateEndpoints reads;

  CommandEndpoints(OperatorCommands commands, StateEndpoints reads) {
    this.commands = commands;
    this.reads = reads;
  }

  @Override
  public void addTo(Paths paths) {
    paths.operate(HttpMethod.PUT, "/api/pools/{pool}/servers/{server}/state", this::state);
    paths.operate(HttpMethod.POST, "/api/pools/{pool}/switch", this::switchTo);
  }

  private Mono<ServerResponse> state(ServerRequest request, String token) {
    PoolId pool = StateEndpoints.poolOf(request);
    ServerId server = StateEndpoints.serverOf(request);
    return JsonBody.read(request, List.of("state", "force", JsonBody.REASON))
        .flatMap(
            body -> {
              OperatorState state = operatorState(body);
              boolean force = body.flag("force");
              Operator by = body.operator(token);
              return run(pool, commands.setState(pool, server, state, force, by));
            });
  }

  private Mono<ServerResponse> switchTo(ServerRequest request, String token) {
    PoolId pool = StateEndpoints.poolOf(request);
    return JsonBody.read(request, List.of("to", JsonBody.REASON))
        .flatMap(body -> run(pool, commands.switchTo(pool, target(body), body.operator(token))));
  }

  private static OperatorState operatorState(JsonBody body) {
    String word = body.text("state", "\"ready\", \"drain\" or \"maintenance\"");
    for (OperatorState state : OperatorState.values()) {
      if (Words.lower(state).equals(word)) {
        return state;
      }
    }
    throw body.unexpected("state", "\"ready\", \"drain\" or \"maintenance\"");
  }

  private static @Nullable ServerId target(JsonBody body) {
    String name = body.text("to", "the name of a server, or \"auto\"");
    if (name.equals(AUTO)) {
      return null;
    }
    if (!DnsLabel.isValid(name)) {
      throw body.unexpected("to", "the name of a server, or \"auto\"");
    }
    return new ServerId(name);
  }

  private Mono<ServerResponse> run(PoolId pool, CompletionStage<OperatorCommands.Result> command) {
    return Mono.fromCompletionStage(command)
        .timeout(TIMEOUT)
        // The monitor completes the command, and has better to do than to make a document.
        .publishOn(Schedulers.boundedElastic())
        .onErrorMap(
            TimeoutException.class,
            e ->
                new ProblemDocument(
                    HttpStatus.SERVICE_UNAVAILABLE,
                    "The monitor did not complete the change within "
                        + TIMEOUT.toSeconds()
                        + " s; it may still do so. Check the pool before trying again."))
        .flatMap(result -> response(pool, result));
  }

  private Mono<ServerResponse> response(PoolId pool, OperatorCommands.Result result) {
    return switch (result) {
      case OperatorCommands.Result.Done done ->
          Json.ok(new Changed(done.changed(), reads.document(pool)));
      case OperatorCommands.Result.Unknown unknown ->
          Mono.error(new ProblemDocument(HttpStatus.NOT_FOUND, unknown.why()));
      case OperatorCommands.Result.Conflict conflict ->
          Mono.error(new ProblemDocument(HttpStatus.CONFLICT, conflict.why()));
      case OperatorCommands.Result.Unavailable unavailable ->
          Mono.error(
              new ProblemDocument(
                  HttpStatus.SERVICE_UNAVAILABLE,
                  "Nothing was changed: " + unavailable.why() + "."));
    };
  }
}
