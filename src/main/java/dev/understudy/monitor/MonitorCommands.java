package dev.understudy.monitor;

import dev.understudy.pool.Operator;
import dev.understudy.pool.OperatorState;
import dev.understudy.pool.PoolId;
import dev.understudy.pool.PoolMaintenance;
import dev.understudy.pool.ServerId;
import dev.understudy.switchover.SwitchRequest;
import dev.understudy.text.Suggestions;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds the pool of a command, has it carried out on the monitor's thread, and tells the result.
 *
 * @param durable whether each command is refused unless it is kept
 */
record MonitorCommands(
    MonitorContext context,
    Pools pools,
    PublishingScheduler publisher,
    BooleanSupplier closed,
    boolean durable)
    implements OperatorCommands {
  @Override
  public OperatorCommands durably() {
    return new MonitorCommands(context, pools, publisher, closed, true);
  }

  @Override
  public CompletionStage<Result> setState(
      PoolId pool, ServerId server, OperatorState state, boolean force, @Nullable Operator by) {
    return command(pool, commands -> commands.setState(server, state, force, by));
  }

  @Override
  public CompletionStage<Result> setState(PoolId pool, PoolMaintenance next, boolean force) {
    return command(pool, commands -> commands.setState(next, force));
  }

  @Override
  public CompletionStage<Result> switchTo(
      PoolId pool, @Nullable ServerId to, boolean acceptLoss, @Nullable Operator by) {
    return command(pool, commands -> commands.switchTo(to, acceptLoss, by));
  }

  @Override
  public CompletionStage<Result> planSwitch(PoolId pool, SwitchRequest request) {
    return command(pool, commands -> commands.planSwitch(request, durable));
  }

  @Override
  public CompletionStage<Result> giveUpSwitch(PoolId pool, @Nullable Operator by) {
    return command(pool, commands -> commands.giveUpSwitch(by));
  }

  private CompletionStage<Result> command(
      PoolId id, Function<PoolCommands, CompletableFuture<Result>> action) {
    if (durable && !context.agreement().keeps()) {
      return CompletableFuture.completedFuture(
          new Result.Unavailable("understudy.state-file is not set"));
    }
    if (closed.getAsBoolean()) {
      return CompletableFuture.completedFuture(new Result.Conflict("we are stopping"));
    }
    CompletableFuture<Result> response = new CompletableFuture<>();
    context
        .scheduler()
        .execute(
            () -> {
              try {
                var unused =
                    carryOut(id, action)
                        .thenCompose(this::kept)
                        .whenComplete(
                            (done, failure) ->
                                publisher.whenPublished(() -> tell(response, done, failure)));
              } catch (RuntimeException e) {
                response.completeExceptionally(e);
                throw e;
              }
            });
    return response;
  }

  private CompletableFuture<Result> carryOut(
      PoolId id, Function<PoolCommands, CompletableFuture<Result>> action) {
    PoolController pool = pools.get(id);
    if (pool == null) {
      return CompletableFuture.completedFuture(unknown(id));
    }
    PoolCommands commands = new PoolCommands(context, pool);
    return durable
        ? context.agreement().durably(() -> action.apply(commands))
        : action.apply(commands);
  }

  private Result unknown(PoolId id) {
    List<String> names =
        publisher.current().pools().stream().map(each -> each.pool().id().value()).toList();
    return new Result.Unknown(Suggestions.asked("There is no pool " + id, id.value(), names));
  }

  /** The result, once it is known whether a restart finds it so. */
  private CompletableFuture<Result> kept(Result result) {
    // What is changed durably is written, whatever else is not.
    return result instanceof Result.Done done && !(durable && done.changed())
        ? context.agreement().kept().thenApply(why -> kept(done, why.orElse(null)))
        : CompletableFuture.completedFuture(result);
  }

  private Result kept(Result.Done done, @Nullable String whyNot) {
    return durable && whyNot != null
        ? new Result.Unavailable(whyNot)
        : new Result.Done(done.changed(), whyNot);
  }

  private static void tell(
      CompletableFuture<Result> response, @Nullable Result done, @Nullable Throwable failure) {
    response.complete(done != null ? done : PoolCommands.ofFailure(failure, Result.Conflict::new));
  }
}
