package dev.understudy.assembly;

import dev.understudy.hook.HookRunner;
import dev.understudy.monitor.HookCall;
import dev.understudy.monitor.HookCaller;
import dev.understudy.pool.UpstreamTls;
import io.netty.handler.ssl.SslContext;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The caller of hooks, made with the first call: most pools have none. */
final class DeferredHooks implements HookCaller {
  private final @Nullable Path directory;
  private final Function<UpstreamTls, SslContext> tls;
  private @Nullable HookCaller runner;

  /**
   * @param directory where the programs of hooks are; null if there are none
   * @param tls the context of a pool's TLS settings
   */
  DeferredHooks(@Nullable Path directory, Function<UpstreamTls, SslContext> tls) {
    this.directory = directory;
    this.tls = tls;
  }

  @Override
  public CompletableFuture<Result> call(HookCall call) {
    HookCaller known = runner;
    if (known == null) {
      known = new HookRunner(directory, tls);
      runner = known;
    }
    return known.call(call);
  }
}
