package dev.understudy.proxy.listener;

import io.netty.handler.ssl.SslContext;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Supplies the TLS contexts of a listener's connections, each the newest.
 *
 * @param own of all but those that follow
 * @param relayed of connections that are relayed beside HTTP; null if there are none
 */
record TlsSupply(Supplier<SslContext> own, @Nullable Supplier<SslContext> relayed) {}
