package dev.understudy.pool;

import dev.understudy.pool.Setting.Inline;
import org.jspecify.annotations.Nullable;

/**
 * A probe that asks the server's gRPC health service, {@code grpc.health.v1.Health/Check}, over
 * HTTP/2, and expects {@code SERVING}.
 *
 * @param service the name of the service that is asked for; null for the server as a whole
 * @param host the {@code :authority}; null for the server's own
 */
public record GrpcCheck(
    @Nullable String service, @Nullable String host, @Inline CheckConnection connection)
    implements Check {}
