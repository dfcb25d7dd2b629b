package dev.understudy.proxy.listener;

import io.netty.handler.ssl.SslContext;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Supplies the TLS contexts of a listener's connections, each the newest.
 *
 * @param own for all connections but those of {@code relayed}
 * @param relayed for those that are relayed beside HTTP; null if there are none
 */
record TlsSupply(Supplier<SslContext> own, @Nullable Supplier<SslContext> relayed) {}
